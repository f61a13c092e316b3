import Glibc

/// A numeric address and a port as the socket calls want them.
struct SocketAddress {
    let isIPv6: Bool
    private var four = sockaddr_in()
    private var six = sockaddr_in6()

    /// Nil when `text` is no numeric address.
    init?(_ text: String, port: UInt16) {
        isIPv6 = text.contains(":")
        if isIPv6 {
            six.sin6_family = sa_family_t(AF_INET6)
            six.sin6_port = port.bigEndian
            guard inet_pton(AF_INET6, text, &six.sin6_addr) == 1 else { return nil }
        } else {
            four.sin_family = sa_family_t(AF_INET)
            four.sin_port = port.bigEndian
            guard inet_pton(AF_INET, text, &four.sin_addr) == 1 else { return nil }
        }
    }

    func withPointer<Value>(_ body: (UnsafePointer<sockaddr>) -> Value) -> Value {
        isIPv6
            ? withUnsafeBytes(of: six) { body(Self.generic($0)) }
            : withUnsafeBytes(of: four) { body(Self.generic($0)) }
    }

    private static func generic(_ bytes: UnsafeRawBufferPointer) -> UnsafePointer<sockaddr> {
        guard let base = bytes.baseAddress else { preconditionFailure("an address has bytes") }
        return base.assumingMemoryBound(to: sockaddr.self)
    }
}
