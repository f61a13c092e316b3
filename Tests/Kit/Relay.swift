import Foundation
import Glibc
import Synchronization

/// A TCP relay to a server of this machine that can lose an answer: what the client asked for has
/// happened then, and the client sees its connection break.
public final class Relay: Sendable {
    /// Where it listens, on 127.0.0.1.
    public let port: Int

    private let listener: Int32
    private let server: Int
    /// The answer to the next request that holds these bytes is lost.
    private let losing = Mutex<[UInt8]?>(nil)

    /// - Parameter server: The port on 127.0.0.1 to relay to.
    public init(to server: Int) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        self.server = server
        var address = Self.loopback(0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = Self.with(&address) {
            bind(listener, $0, size) == 0 && listen(listener, 16) == 0
                && getsockname(listener, $0, &size) == 0
        }
        guard isListening else { throw POSIXError(.EADDRINUSE) }
        port = Int(UInt16(bigEndian: address.sin_port))
        Self.thread {
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { return }
                self.relay(client)
            }
        }
    }

    /// Accepts nobody any more.
    public func close() {
        shutdown(listener, Int32(SHUT_RDWR))
        Glibc.close(listener)
    }

    /// Loses the answer to the next request that holds `text`, and both connections with it.
    public func loseAnswer(to text: String) { losing.withLock { $0 = Array(text.utf8) } }

    /// True while the answer that is to be lost has not been asked for.
    public var isArmed: Bool { losing.withLock { $0 != nil } }

    private func relay(_ client: Int32) {
        let upstream = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.loopback(server)
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        guard Self.with(&address, { connect(upstream, $0, size) == 0 }) else {
            Glibc.close(client)
            Glibc.close(upstream)
            return
        }
        let pair = Pair(client: client, upstream: upstream)
        Self.thread {
            pair.forward(client, to: upstream) { bytes in
                if self.isToBeLost(bytes) { pair.isLosing.withLock { $0 = true } }
                return true
            }
        }
        Self.thread {
            pair.forward(upstream, to: client) { _ in !pair.isLosing.withLock { $0 } }
        }
    }

    private func isToBeLost(_ bytes: ArraySlice<UInt8>) -> Bool {
        losing.withLock { wanted in
            guard let text = wanted, bytes.firstRange(of: text) != nil else { return false }
            wanted = nil
            return true
        }
    }

    /// The two sockets of one client; closed when both directions have ended.
    private final class Pair: Sendable {
        let client: Int32
        let upstream: Int32
        let isLosing = Mutex(false)

        init(client: Int32, upstream: Int32) {
            self.client = client
            self.upstream = upstream
        }

        deinit {
            Glibc.close(client)
            Glibc.close(upstream)
        }

        func forward(
            _ from: Int32, to: Int32, _ mayPass: (ArraySlice<UInt8>) -> Bool
        ) {
            var buffer = [UInt8](repeating: 0, count: 64 << 10)
            while true {
                let count = recv(from, &buffer, buffer.count, 0)
                guard count > 0, mayPass(buffer[..<count]) else { break }
                guard send(to, buffer, count, Int32(MSG_NOSIGNAL)) == count else { break }
            }
            shutdown(client, Int32(SHUT_RDWR))
            shutdown(upstream, Int32(SHUT_RDWR))
        }
    }

    private static func thread(_ body: @escaping @Sendable () -> Void) {
        Thread(block: body).start()
    }

    private static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    private static func with<Value>(
        _ address: inout sockaddr_in, _ body: (UnsafeMutablePointer<sockaddr>) -> Value
    ) -> Value {
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1, body)
        }
    }
}
