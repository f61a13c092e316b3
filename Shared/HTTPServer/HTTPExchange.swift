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
            if state.isSuspended { MHD_resume_connection(connection) }
            state.isSuspended = false
        }
    }
}
