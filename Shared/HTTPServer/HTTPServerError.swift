/// Why a server cannot listen.
public struct HTTPServerError: Error, CustomStringConvertible {
    /// One sentence with the address and the fix.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
