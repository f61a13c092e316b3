/// Which messages wait to be sent, which wait for their confirm, and which call waits for them.
///
/// Many messages are under way at the same time: waiting for each would cost forty times the
/// throughput. It is a value with rules and no connection, so that tests can drive it.
struct ConfirmWindow {
    /// A message and the call that it belongs to.
    struct Item: Equatable {
        let posting: Posting
        let call: Int
    }

    /// A message that has its answer.
    struct Settled: Equatable {
        enum Outcome { case kept, refused, unread }
        let item: Item
        let outcome: Outcome
    }

    /// The most messages under way at once.
    let size: Int
    private var waiting: ArraySlice<Item> = []
    private var underWay: [UInt64: Item] = [:]
    private var bounced: Set<UInt64> = []
    /// Every tag below it has its answer.
    private var oldest: UInt64 = 1

    init(size: Int) {
        self.size = size
    }

    /// The number of messages that have no answer yet, sent or not.
    var count: Int { waiting.count + underWay.count }

    /// Takes messages in; they are sent in this order.
    mutating func add(_ postings: [Posting], for call: Int) {
        waiting += postings.map { Item(posting: $0, call: call) }
    }

    /// The next message to send, while there is room in the window.
    mutating func next() -> Item? {
        underWay.count < size ? waiting.popFirst() : nil
    }

    /// It could not be sent: it stays the next one.
    mutating func putBack(_ item: Item) {
        waiting = [item] + waiting
    }

    /// It went out under this number.
    mutating func sent(_ item: Item, as tag: UInt64) {
        underWay[tag] = item
    }

    /// Nobody is bound for the message; the confirm that follows is not worth what it says.
    mutating func bounce(id: String, exchange: String, routingKey: String) {
        let tag = underWay.filter { tag, item in
            item.posting.message.id == id && item.posting.exchange == exchange
                && item.posting.routingKey == routingKey && !bounced.contains(tag)
        }.keys.min()
        if let tag { bounced.insert(tag) }
    }

    /// The broker's answer to one message, or to all up to it.
    mutating func settle(tag: UInt64, multiple: Bool, isKept: Bool) -> [Settled] {
        let tags = multiple && tag >= oldest ? Array(oldest...tag) : [tag]
        let settled = tags.compactMap { tag -> Settled? in
            guard let item = underWay.removeValue(forKey: tag) else { return nil }
            let isBounced = bounced.remove(tag) != nil
            return Settled(item: item, outcome: isBounced ? .unread : isKept ? .kept : .refused)
        }
        if multiple { oldest = max(oldest, tag + 1) }
        while !underWay.isEmpty, underWay[oldest] == nil { oldest += 1 }
        return settled
    }

    /// The connection is gone: what has no answer goes out again on the next one, first of all
    /// and in the same order. Tags begin again.
    mutating func restart() {
        let again = underWay.sorted { $0.key < $1.key }.map(\.value)
        waiting = ArraySlice(again + waiting)
        underWay = [:]
        bounced = []
        oldest = 1
    }

    /// Nobody waits for that call any more. What is under way stays so.
    mutating func abandon(_ call: Int) {
        waiting.removeAll { $0.call == call }
    }
}
