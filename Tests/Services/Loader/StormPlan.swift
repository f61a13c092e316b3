import Events
import Kit
import Synchronization
import Warehouse

/// What a storm is about: objects with versions of few keys, some of them in several batches, and a
/// row here and there that the warehouse refuses.
struct StormPlan: Sendable {
    private(set) var objects: [Contents] = []
    /// The objects of each batch. No two of one family, which share their keys: a transform leaves
    /// one row of a key in a batch.
    private(set) var members: [[Int]] = []
    /// What the table must be at the end.
    private(set) var table: [String] = []
    /// The rows that the warehouse refuses.
    private(set) var bad = 0

    private static let families = 4

    init(using random: inout Seeded) {
        var newest: [Int: String] = [:]
        let versions = (0..<1_000).shuffled(using: &random)
        for number in 0..<16 {
            let family = number % Self.families
            let keys = (0..<40).shuffled(using: &random).prefix(25).map { family * 100 + $0 }
            var rows: [String] = []
            for (index, key) in keys.enumerated() {
                let version = versions[number * 25 + index]
                rows.append("(\(key), 'object \(number)', '\(version)')")
                let old = newest[key].flatMap { Int($0.split(separator: " ").last ?? "") } ?? -1
                if version > old { newest[key] = "object \(number) \(version)" }
            }
            if number % 5 == 0 {
                rows.append("(1000, 'bad', 'no number')")
                bad += 1
            }
            objects.append(Contents(rows: rows))
        }
        table = newest.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        // Every object once, then strangers to one another again.
        let orders = (0..<Self.families).map { family in
            objects.indices.filter { $0 % Self.families == family }.shuffled(using: &random)
        }
        for round in 0..<8 {
            let all = orders.map { round < 4 ? $0[round] : $0.randomElement(using: &random) ?? 0 }
            members.append(Array(all.shuffled(using: &random).prefix(round < 4 ? 4 : 3)))
        }
    }
}

/// The events on their way to the loaders: shuffled, each at least twice; what is staged is
/// approved.
final class EventBag: Sendable {
    private struct State {
        var waiting: [Event] = []
        var inHand = 0
        var counts: [ULID: Counts] = [:]
        var random: Seeded
    }

    /// A fact that is told twice is told differently.
    struct Contradiction: Error { let batch: ULID }

    private let state: Mutex<State>

    init(_ batches: [BatchFacts], _ seed: UInt64) throws {
        var state = State(random: Seeded(seed))
        for facts in batches {
            let event = try Event(BatchTransformed(facts: facts), id: "t", from: "/test")
            state.waiting += [event, event]
        }
        self.state = Mutex(state)
    }

    /// True when everything is dealt with.
    var isOver: Bool { state.withLock { $0.waiting.isEmpty && $0.inHand == 0 } }

    /// Any of those that wait; nil when all is over.
    func next() async throws -> Event? {
        while !isOver {
            if let event = state.withLock({ Self.take(&$0) }) { return event }
            try await Task.sleep(for: .milliseconds(10))
        }
        return nil
    }

    /// An event was handled, and this follows.
    func done(_ outputs: [Event]) throws {
        let next = try outputs.flatMap { event -> [Event] in
            switch event.kind {
            case .batchStaged:
                let staged = try event.payload(BatchStaged.self)
                let approved = BatchApproved(facts: staged.facts, table: staged.table)
                let event = try Event(approved, id: "a", from: "/test")
                return [event, event]
            case .batchPublished:
                try note(try event.payload())
                return []
            default: return []
            }
        }
        state.withLock { state in
            state.inHand -= 1
            state.waiting += next
        }
    }

    /// It failed in passing, and comes again.
    func giveBack(_ event: Event) {
        state.withLock { state in
            state.inHand -= 1
            state.waiting.append(event)
        }
    }

    private static func take(_ state: inout State) -> Event? {
        guard !state.waiting.isEmpty else { return nil }
        state.inHand += 1
        return state.waiting.remove(at: Int.random(in: state.waiting.indices, using: &state.random))
    }

    private func note(_ published: BatchPublished) throws {
        let batch = published.facts.batch
        let isNews = state.withLock { state in
            defer { state.counts[batch] = published.counts }
            return state.counts[batch].map { $0 == published.counts } ?? true
        }
        if !isNews { throw Contradiction(batch: batch) }
    }
}
