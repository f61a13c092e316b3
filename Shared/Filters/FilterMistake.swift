/// What is wrong with a filter policy, where, and how it is put right.
public struct FilterMistake: Error, Equatable, CustomStringConvertible {
    /// One sentence with the fix.
    public let message: String
    /// The place in the JSON, e.g. `severity[0].numeric`; empty for the whole.
    public let place: String
    /// From 1.
    public private(set) var line = 1
    /// From 1, in characters.
    public private(set) var column = 1
    private let offset: Int

    /// - Parameter offset: In bytes; `located(in:)` makes line and column of it.
    init(_ message: String, at place: String = "", _ offset: Int) {
        self.message = message
        self.place = place
        self.offset = offset
    }

    func located(in bytes: [UInt8]) -> FilterMistake {
        let before = bytes.prefix(offset)
        let start = (before.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1
        var located = self
        located.line = 1 + before.count { $0 == UInt8(ascii: "\n") }
        // The bytes that continue a character of UTF-8 are not counted.
        located.column = 1 + before[start...].count { $0 & 0xC0 != 0x80 }
        return located
    }

    /// `line 1, column 14, severity[0]: …`
    public var description: String {
        "line \(line), column \(column)\(place.isEmpty ? "" : ", `\(place)`"): \(message)"
    }
}
