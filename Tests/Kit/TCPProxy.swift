import Dispatch
import Glibc
import Synchronization

/// A piece of network between a client and a server on this host, which can be made bad.
///
/// It listens on a free port of 127.0.0.1. What is broken stays so until it is told otherwise, for
/// connections that are open and for those to come.
public final class TCPProxy: Sendable {
    /// What the network does.
    public enum Weather: Sendable {
        case fine
        /// Nothing more goes through, and nobody is told: a dead switch, a firewall that forgot.
        case stalled
        /// What the server says gets lost on its way; what the client says arrives.
        case deaf
        /// Each piece comes later by so much.
        case slow(milliseconds: Int32)
        /// Connections are taken and broken at once.
        case refusing
    }

    /// Where to connect to.
    public let port: Int
    private let server: Int
    private let listener: Int32
    private let state = Mutex(State())

    private struct State {
        var weather = Weather.fine
        var pairs: [Int: Pair] = [:]
        var accepted = 0
        var isClosed = false
    }

    private struct Pair {
        let client: Int32
        let server: Int32
    }

    /// - Parameter server: A port of this host.
    public init(to server: Int) throws {
        self.server = server
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        port = try Self.listen(listener)
        Thread.start { [self] in serve() }
    }

    /// How many connections it has taken so far.
    public var accepted: Int { state.withLock { $0.accepted } }

    /// How many are open.
    public var open: Int { state.withLock { $0.pairs.count } }

    public func become(_ weather: Weather) {
        state.withLock { $0.weather = weather }
    }

    /// Breaks every connection with RST, as a router does that was restarted.
    public func reset() {
        for pair in state.withLock({ Array($0.pairs.values) }) {
            for end in [pair.client, pair.server] {
                var linger = linger(l_onoff: 1, l_linger: 0)
                setsockopt(
                    end, SOL_SOCKET, SO_LINGER, &linger,
                    socklen_t(MemoryLayout.size(ofValue: linger)))
                // Wakes the threads that wait for it; they close it, which sends the RST.
                shutdown(end, Int32(SHUT_RD))
            }
        }
    }

    /// Ends everything.
    public func close() {
        state.withLock { $0.isClosed = true }
        shutdown(listener, Int32(SHUT_RDWR))
        reset()
    }

    private var weather: Weather { state.withLock { $0.weather } }
    private var isClosed: Bool { state.withLock { $0.isClosed } }

    private func serve() {
        defer { Glibc.close(listener) }
        while !isClosed {
            let client = accept(listener, nil, nil)
            guard client >= 0 else { continue }
            _ = fcntl(client, F_SETFD, FD_CLOEXEC)
            state.withLock { $0.accepted += 1 }
            if case .refusing = weather {
                Glibc.close(client)
                continue
            }
            guard let upstream = connectToServer() else {
                Glibc.close(client)
                continue
            }
            let pair = Pair(client: client, server: upstream)
            let number = state.withLock { state in
                state.pairs[state.accepted] = pair
                return state.accepted
            }
            Thread.start { [self] in carry(pair, number) }
        }
    }

    /// Carries both ways until one end is gone.
    private func carry(_ pair: Pair, _ number: Int) {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var isAlive = true
        while isAlive, !isClosed {
            if case .stalled = weather {
                usleep(5000)
                // A reset ends also what is stalled.
                isAlive = !Self.isShut(pair.client)
                continue
            }
            var ends = [pair.client, pair.server].map {
                pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
            }
            guard poll(&ends, 2, 20) > 0 else { continue }
            if case .stalled = weather { continue }
            if ends[0].revents != 0 {
                isAlive = pass(pair.client, pair.server, &buffer, isAnswer: false)
            }
            if isAlive, ends[1].revents != 0 {
                isAlive = pass(pair.server, pair.client, &buffer, isAnswer: true)
            }
        }
        state.withLock { _ = $0.pairs.removeValue(forKey: number) }
        Glibc.close(pair.client)
        Glibc.close(pair.server)
    }

    private func pass(_ from: Int32, _ to: Int32, _ buffer: inout [UInt8], isAnswer: Bool) -> Bool {
        let count = recv(from, &buffer, buffer.count, 0)
        guard count > 0 else { return false }
        if case .deaf = weather, isAnswer { return true }
        if case .slow(let milliseconds) = weather { usleep(UInt32(milliseconds) * 1000) }
        var sent = 0
        while sent < count {
            let more = buffer[sent..<count].withUnsafeBytes {
                send(to, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard more > 0 else { return false }
            sent += more
        }
        return true
    }

    private func connectToServer() -> Int32? {
        let upstream = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = Self.loopback(server)
        let isConnected = Self.withGeneric(&address) { connect(upstream, $0, $1.pointee) == 0 }
        guard isConnected else {
            Glibc.close(upstream)
            return nil
        }
        return upstream
    }

    private static func isShut(_ descriptor: Int32) -> Bool {
        // POLLRDHUP of poll(2), whose name Swift does not see.
        var entry = pollfd(fd: descriptor, events: 0x2000, revents: 0)
        return poll(&entry, 1, 0) > 0
    }

    private static func listen(_ listener: Int32) throws -> Int {
        var address = loopback(0)
        let isListening = withGeneric(&address) { generic, length in
            bind(listener, generic, length.pointee) == 0 && Glibc.listen(listener, 64) == 0
                && getsockname(listener, generic, length) == 0
        }
        guard isListening else { throw ProxyError(reason: String(cString: strerror(errno))) }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    private static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
        return address
    }

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

/// The proxy could not be had.
public struct ProxyError: Error {
    public let reason: String
}

/// Threads of their own: what they do blocks.
private enum Thread {
    static func start(_ body: @escaping @Sendable () -> Void) {
        DispatchQueue(label: "millrace.test.proxy").async(execute: body)
    }
}
