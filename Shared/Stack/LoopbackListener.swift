import Glibc

/// A socket could not be had.
public struct SocketError: Error, CustomStringConvertible {
    public let description: String
}

/// A listening socket on 127.0.0.1.
struct LoopbackListener: Sendable {
    let port: Int
    private let descriptor: Int32

    /// - Parameter port: 0 takes any free one.
    init(port: Int) throws(SocketError) {
        guard let wanted = in_port_t(exactly: port) else {
            throw SocketError(description: "\(port) is not a port")
        }
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_INET, type, 0)
        self.descriptor = descriptor
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = wanted.bigEndian
        address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
        let isListening = Self.withGeneric(&address) { generic, length in
            bind(descriptor, generic, length.pointee) == 0 && listen(descriptor, 64) == 0
                && getsockname(descriptor, generic, length) == 0
        }
        guard isListening else {
            let reason = String(cString: strerror(errno))
            Glibc.close(descriptor)
            throw SocketError(description: "cannot listen on 127.0.0.1:\(port): \(reason)")
        }
        self.port = Int(UInt16(bigEndian: address.sin_port))
    }

    /// The next connection; nil when none comes within the time.
    func accept(milliseconds: Int32) -> Int32? {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, milliseconds) > 0 else { return nil }
        let connection = Glibc.accept(descriptor, nil, nil)
        guard connection >= 0 else { return nil }
        _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
        return connection
    }

    func close() { Glibc.close(descriptor) }

    private static func withGeneric<Value>(
        _ address: inout sockaddr_in,
        _ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Value
    ) -> Value {
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, &length) }
        }
    }
}
