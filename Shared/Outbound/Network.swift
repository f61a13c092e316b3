/// A block of addresses in CIDR notation, e.g. `127.0.0.0/8`.
public struct Network: Sendable, Hashable, CustomStringConvertible {
    private let base: IPAddress
    private let prefixLength: Int

    /// Reads `address/length`, or an address alone; nil when it is neither, or when bits behind the
    /// prefix are set (then another block may have been meant).
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let base = IPAddress(String(parts[0])) else { return nil }
        let bits = base.bytes.count * 8
        guard let length = parts.count == 2 ? Int(parts[1]) : bits, (0...bits).contains(length)
        else { return nil }
        self.base = base
        prefixLength = length
        for bit in length..<bits where base.bytes[bit / 8] & (0x80 >> UInt8(bit % 8)) != 0 {
            return nil
        }
    }

    /// For the tables in the source; a typing mistake stops the process at once.
    init(literal text: String) {
        guard let network = Network(text) else { preconditionFailure("not a network: \(text)") }
        self = network
    }

    /// True when the address is of the same family and has the same first bits.
    public func contains(_ address: IPAddress) -> Bool {
        guard address.bytes.count == base.bytes.count else { return false }
        let whole = prefixLength / 8
        guard address.bytes[..<whole] == base.bytes[..<whole] else { return false }
        guard prefixLength % 8 != 0 else { return true }
        let mask = ~UInt8(0) << UInt8(8 - prefixLength % 8)
        return address.bytes[whole] & mask == base.bytes[whole] & mask
    }

    /// True when all of it lies in this host, or in networks for private use (RFC 1918, RFC 4193,
    /// RFC 6598).
    public var isInside: Bool {
        Self.inside.contains { $0.prefixLength <= prefixLength && $0.contains(base) }
    }

    private static let inside = [
        "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "::1",
        "fc00::/7",
    ].map(Network.init(literal:))

    public var description: String { "\(base)/\(prefixLength)" }
}
