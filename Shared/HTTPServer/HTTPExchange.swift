import CMicroHTTPD
import Foundation
import Synchronization

/// One request and its answer.
///
/// Safe to send: the connection's pointer is only used on the library's thread, but for
/// `MHD_resume_connection`, which may be called from any; the rest is behind a lock.
final class HTTPExchange: @unchecked Sendable {
    private let connection: OpaquePointer
    private let state: Mutex<State>

    private struct State {
        var request: HTTPServerRequest
        var response: HTTPServerResponse?
        var isSuspended = false
        /// How much of the body may go out by now.
        var allowedBytes = Int.max
        var isOver = false
    }

    init(_ connection: OpaquePointer, _ request: HTTPServerRequest) {
        self.connection = connection
        state = Mutex(State(request: request))
    }

    var request: HTTPServerRequest { state.withLock { $0.request } }

    var response: HTTPServerResponse? { state.withLock { $0.response } }

    /// Adds a piece of the body.
    ///
    /// - Returns: False when it is longer than `limit`.
    func append(_ bytes: UnsafeRawBufferPointer, limit: Int) -> Bool {
        state.withLock { state in
            guard state.request.body.count + bytes.count <= limit else {
                state.request.body = Data()
                return false
            }
            state.request.body.append(contentsOf: bytes)
            return true
        }
    }

    /// Stops the connection until there is an answer. On the library's thread.
    func suspend() {
        state.withLock { state in
            // The answer may have come already: then there is nothing to wait for.
            guard state.response == nil else { return }
            MHD_suspend_connection(connection)
            state.isSuspended = true
        }
    }

    /// Gives the answer; the first one counts. From any thread.
    func answer(_ response: HTTPServerResponse) {
        state.withLock { state in
            guard state.response == nil else { return }
            state.response = response
            if case .dripped(let pieces, _) = response.delivery {
                state.allowedBytes = Self.piece(of: response, in: pieces)
            }
            resume(&state)
        }
    }

    /// Lets a body out piece by piece; returns when all of it may go, or nobody wants it.
    func drip() async {
        guard let response, case .dripped(let pieces, let pause) = response.delivery else { return }
        let piece = Self.piece(of: response, in: pieces)
        for number in 2...max(2, pieces) {
            do { try await Task.sleep(for: pause) } catch { break }
            guard allow(piece * number) else { return }
        }
        release()
    }

    /// Lets all of the body out.
    func release() { _ = allow(.max) }

    /// How many bytes of the body may go out from `position` on. With none the connection is
    /// stopped until there are some. On the library's thread.
    func allowed(from position: Int) -> Int {
        state.withLock { state in
            if state.allowedBytes > position { return state.allowedBytes - position }
            MHD_suspend_connection(connection)
            state.isSuspended = true
            return 0
        }
    }

    /// The library is done with the connection.
    func end() {
        state.withLock { $0.isOver = true }
    }

    /// - Returns: False when the request is over.
    private func allow(_ bytes: Int) -> Bool {
        state.withLock { state in
            guard !state.isOver else { return false }
            state.allowedBytes = max(state.allowedBytes, bytes)
            // Who waits for an answer gets on with the answer, not with more of its body.
            if state.response != nil { resume(&state) }
            return true
        }
    }

    private func resume(_ state: inout State) {
        if state.isSuspended { MHD_resume_connection(connection) }
        state.isSuspended = false
    }

    private static func piece(of response: HTTPServerResponse, in pieces: Int) -> Int {
        max(1, (response.body.count + pieces - 1) / max(1, pieces))
    }
}
