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

/// Takes of each record what another call needs.
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
        var values: [String: String] = [:]
        for slot in slots {
            guard let value = JSONLookup.text(at: slot.field, in: record), !value.isEmpty else {
                return state.withLock { $0.incomplete += 1 }
            }
            values[slot.text] = value
        }
        try state.withLock { state in
            guard state.items.count < Self.limit else {
                throw PollFailure(
                    .permanent, "http.too_long",
                    "a page has more than \(Self.limit) records that calls are to be made for")
            }
            state.items.append(PollItem(values: values))
        }
    }

    func takePiece(_ bytes: UnsafeRawBufferPointer) {}
    func endPieces() { state.withLock { $0.incomplete += 1 } }
    func flush() {}
}
