import Synchronization

/// Requests that are read and wait for their answer.
final class HTTPInbox: Sendable {
    let bodyLimitBytes: Int
    /// Bounded by the server's limit of connections, since each has one request at a time.
    let requests: AsyncStream<HTTPExchange>
    private let continuation: AsyncStream<HTTPExchange>.Continuation
    private let state = Mutex(State())

    private struct State {
        var open: [ObjectIdentifier: HTTPExchange] = [:]
        var isClosed = false
    }

    init(bodyLimitBytes: Int) {
        self.bodyLimitBytes = bodyLimitBytes
        (requests, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(256))
    }

    /// Takes a request whose connection is about to be suspended.
    ///
    /// - Returns: False when nobody answers any more.
    func accept(_ exchange: HTTPExchange) -> Bool {
        let isOpen = state.withLock { state in
            if !state.isClosed { state.open[ObjectIdentifier(exchange)] = exchange }
            return !state.isClosed
        }
        if isOpen { continuation.yield(exchange) }
        return isOpen
    }

    /// The exchange is over.
    func forget(_ exchange: HTTPExchange) {
        state.withLock { _ = $0.open.removeValue(forKey: ObjectIdentifier(exchange)) }
    }

    /// Answers whoever still waits with 503; nobody is accepted from now on.
    func close() {
        let left = state.withLock { state in
            state.isClosed = true
            defer { state.open = [:] }
            return Array(state.open.values)
        }
        for exchange in left {
            exchange.answer(.stopping)
            exchange.release()
        }
        continuation.finish()
    }
}
