import CPostgres
import Dispatch

/// The way to stop a statement from outside of its connection (libpq's `PQcancel`), on a thread of
/// its own: the request takes as long as the server likes.
final class CancelDoor: Sendable {
    /// Safe to send: libpq never changes a cancel object, and any thread may call `PQcancel`.
    private struct Key: ~Copyable, @unchecked Sendable {
        /// Null when libpq had no memory for it; `PQcancel` says so then.
        let raw: OpaquePointer?

        deinit { PQfreeCancel(raw) }
    }

    private let key: Key
    private let queue = DispatchQueue(label: "millrace.postgres.cancel")
    private let underWay = DispatchGroup()

    init(_ raw: OpaquePointer) {
        key = Key(raw: PQgetCancel(raw))
    }

    /// Asks the server to stop what runs, unless that is being asked.
    func knock() {
        guard isQuiet(within: .zero) else { return }
        queue.async(group: underWay) { [self] in
            var message = [CChar](repeating: 0, count: 256)
            // A request that fails is made again; the statement's own end is what counts.
            _ = PQcancel(key.raw, &message, Int32(message.count))
        }
    }

    /// True when no request is under way, which could hit the next statement.
    func isQuiet(within limit: Duration) -> Bool {
        underWay.wait(timeout: .now() + limit / .seconds(1)) == .success
    }
}
