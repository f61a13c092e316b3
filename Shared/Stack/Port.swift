import Glibc

/// TCP ports of this host's loopback interface.
public enum Port {
    /// Below Linux's own choices for outgoing connections (32768 and up), so that a port that is
    /// kept for the next start is not taken by a passing connection.
    private static let range = 20_000..<32_000

    /// Ports that nobody listens on now.
    public static func free(_ count: Int, avoiding taken: Set<Int> = []) throws(StackError) -> [Int]
    {
        var found: Set<Int> = []
        for _ in 0..<2_000 where found.count < count {
            let port = Int.random(in: range)
            if !taken.contains(port), !found.contains(port), isFree(port) { found.insert(port) }
        }
        guard found.count == count else {
            throw StackError("no \(count) free ports between 20000 and 32000 on 127.0.0.1")
        }
        return Array(found)
    }

    /// True when the port could be listened on now.
    public static func isFree(_ port: Int) -> Bool {
        withSocket(port) { socket, address, length in
            // As servers do it: connections that have just ended do not count.
            var yes: Int32 = 1
            setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
            return bind(socket, address, length) == 0 && listen(socket, 1) == 0
        }
    }

    /// True when somebody accepts connections there. On loopback the answer comes at once.
    public static func isOpen(_ port: Int) -> Bool {
        withSocket(port) { socket, address, length in connect(socket, address, length) == 0 }
    }

    private static func withSocket(
        _ port: Int, _ body: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Bool
    ) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
