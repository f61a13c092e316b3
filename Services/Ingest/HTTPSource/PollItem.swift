import Events
import Pipelines
import Synchronization

/// A record of a call for which another is made.
struct PollItem: Codable, Equatable {
    /// What stands for `call.field` in the other's URL and parameters.
    var values: [String: String]
    /// Where its pages go on; nil for the first.
    var page: PollState.Page?
    /// The polls in which it failed while others did not.
    var failures = 0
    /// Why it failed last.
    var problem: String?

    /// For logs.
    var text: String {
        values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    }
}

/// Takes of each record what another call needs; of a list each of its values, for a call each.
final class ItemList: RecordTarget {
    /// Of one page.
    private static let limit = 100_000

    private struct State {
        var items: [PollItem] = []
        var incomplete = 0
    }

    private let slots: [HTTPSlot]
    private let state = Mutex(State())

    init(_ slots: [HTTPSlot]) {
        self.slots = slots
    }

    var items: [PollItem] { state.withLock { $0.items } }
    /// Records without one of the values.
    var incomplete: Int { state.withLock { $0.incomplete } }

    func take(_ record: UnsafeRawBufferPointer) throws {
        let lists = slots.map { JSONLookup.texts(at: $0.field, in: record) }
        let count = lists.map(\.count).max() ?? 0
        // What stands once goes with each of what stands several times.
        guard lists.allSatisfy({ $0.count == count || $0.count == 1 }) else {
            return state.withLock { $0.incomplete += 1 }
        }
        let new = (0..<count).map { index in
            let values = lists.map { $0.count == 1 ? $0[0] : $0[index] }
            return PollItem(
                values: Dictionary(
                    zip(slots.map(\.text), values), uniquingKeysWith: { first, _ in first }))
        }
        try state.withLock { state in
            guard state.items.count + new.count <= Self.limit else {
                throw PollFailure(
                    .permanent, "http.too_long",
                    "a page has more than \(Self.limit) records that calls are to be made for")
            }
            state.items += new
            if new.isEmpty { state.incomplete += 1 }
        }
    }

    func takePiece(_ bytes: UnsafeRawBufferPointer) {}
    func endPieces() { state.withLock { $0.incomplete += 1 } }
    func flush() {}
}
