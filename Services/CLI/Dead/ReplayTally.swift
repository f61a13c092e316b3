import Synchronization
import Warehouse

/// What has become of the letters of a replay so far, by group.
final class ReplayTally: Sendable {
    /// Letters that failed in the same way.
    struct Group: Hashable, Comparable, Sendable {
        let service: String
        let errorClass: String
        let pipeline: String

        init(_ letter: KeptLetter) {
            service = letter.service
            errorClass = letter.errorClass
            pipeline = letter.pipeline
        }

        static func < (left: Group, right: Group) -> Bool {
            (left.service, left.errorClass, left.pipeline)
                < (right.service, right.errorClass, right.pipeline)
        }
    }

    /// The numbers of a group.
    struct Count: Sendable {
        var selected = 0
        var sent = 0
        var resolved = 0
        var returned = 0
        /// Of one that came back.
        var lastReturn: KeptLetter?
        var canary = Canary.none
    }

    /// How the first of a group ended.
    enum Canary: Sendable { case none, resolved, returned, silent }

    private struct Key: Hashable {
        let service: String
        let id: String
        init(_ letter: KeptLetter) { (service, id) = (letter.service, letter.id) }
    }

    private struct State {
        var counts: [Group: Count] = [:]
        /// Sent, and not known to be handled or back, as they were when they were meant.
        var open: [Key: KeptLetter] = [:]
    }

    private let state = Mutex(State())
    let selected: Int

    init(_ snapshot: [KeptLetter]) {
        selected = snapshot.count
        state.withLock { state in
            for letter in snapshot { state.counts[Group(letter), default: Count()].selected += 1 }
        }
    }

    var counts: [(group: Group, count: Count)] {
        state.withLock { $0.counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }
    }

    var sentCount: Int { state.withLock { $0.counts.values.reduce(0) { $0 + $1.sent } } }

    /// True while something that was sent may still be handled or come back.
    var hasOpen: Bool { state.withLock { !$0.open.isEmpty } }

    func sent(_ letters: [KeptLetter]) {
        state.withLock { state in
            for letter in letters {
                state.counts[Group(letter), default: Count()].sent += 1
                state.open[Key(letter)] = letter
            }
        }
    }

    /// False once a group has shown that what stops it is still there, or its canary is unheard of.
    func mayGoOn(_ letter: KeptLetter, needsCanary: Bool) -> Bool {
        state.withLock { state in
            guard let count = state.counts[Group(letter)] else { return false }
            return count.returned < Replay.returnsToStop
                && (!needsCanary || count.canary == .resolved)
        }
    }

    /// Asks the archive how those stand that were sent.
    func look(_ letters: DeadLetters) async throws {
        let asked = Array(state.withLock { $0.open.values.prefix(2000) })
        guard !asked.isEmpty else { return }
        take(try await letters.look(asked))
    }

    /// What the archive says now.
    func take(_ letters: [KeptLetter]) {
        state.withLock { state in
            for letter in letters {
                guard let meant = state.open[Key(letter)] else { continue }
                let group = Group(meant)
                switch letter.state {
                case .resolved:
                    state.counts[group]?.resolved += 1
                case .waiting where letter.failure != meant.failure:
                    state.counts[group]?.returned += 1
                    state.counts[group]?.lastReturn = letter
                case .dropped: break
                case .waiting, .replaying: continue
                }
                state.open[Key(letter)] = nil
            }
        }
    }

    /// The time for canaries is over.
    func endCanaries() {
        state.withLock { state in
            for (group, count) in state.counts where count.sent > 0 {
                state.counts[group]?.canary =
                    count.returned > 0 ? .returned : count.resolved > 0 ? .resolved : .silent
            }
        }
    }
}

extension ReplayTally.Count {
    /// Not sent at all.
    var left: Int { selected - sent }

    /// Sent, with an end that is not known yet.
    var open: Int { sent - resolved - returned }

    /// In one word; nil where all went well.
    var trouble: String? {
        switch canary {
        case .returned: "the canary came back"
        case .silent: "no answer from the canary"
        case .none, .resolved:
            returned >= Replay.returnsToStop ? "stopped: they come back" : nil
        }
    }
}
