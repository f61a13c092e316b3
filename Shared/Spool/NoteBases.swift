import Synchronization

/// Which note of each source its reader has seen: what is written upon another one is refused.
final class NoteBases: Sendable {
    private struct Base {
        var current = 0
        var seen = 0
    }

    private let bases = Mutex<[String: Base]>([:])

    /// The reader looks at the note.
    func see(_ source: String) {
        bases.withLock { bases in
            guard var base = bases[source] else { return }
            base.seen = base.current
            bases[source] = base
        }
    }

    /// Another note takes the place of the one that holds.
    func change(_ source: String, _ body: () throws -> Void) throws {
        try bases.withLock { bases in
            bases[source, default: Base()].current += 1
            try body()
        }
    }

    /// Runs `body` if the note is the one that was looked at, and lets nobody change it meanwhile.
    func holding<Value: Sendable>(_ source: String, _ body: () throws -> Value) throws -> Value {
        try bases.withLock { bases in
            let base = bases[source] ?? Base()
            guard base.current == base.seen else {
                throw SpoolError(
                    .unreachable, "spool: the state of \(source) was changed meanwhile")
            }
            return try body()
        }
    }
}
