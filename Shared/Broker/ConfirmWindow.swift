/// Which messages wait to be sent, which wait for their confirm, and which call waits for them.
///
/// Many messages are under way at the same time: waiting for each would cost forty times the
/// throughput. It is a value with rules and no connection, so that tests can drive it.
struct ConfirmWindow {
    /// A message and the call that it belongs to.
    struct Item {
        let posting: Posting
        let call: PublishCall
    }

    /// A message that has its answer.
    struct Settled {
        enum Outcome { case kept, refused, unread }
        let item: Item
        let outcome: Outcome
    }

    /// A message that was sent.
    private enum Sent {
        case open(Item)
        /// It came back; its confirm is still to come.
        case bounced(Item)
        case answered
    }

    /// The most messages under way at once.
    let size: Int
    private var waiting = Deque<Item>()
    /// By tag, from `oldest` on without a gap.
    private var sent = Deque<Sent>()
    /// Every tag below it has its answer.
    private var oldest: UInt64 = 1
    private var underWay = 0

    init(size: Int) {
        self.size = size
    }

    /// The number of messages that have no answer yet, sent or not.
    var count: Int { waiting.count + underWay }

    /// True when a message could be sent now.
    var hasNext: Bool { underWay < size && !waiting.isEmpty }

    /// Takes messages in; they are sent in this order.
    mutating func add(_ postings: [Posting], for call: PublishCall) {
        for posting in postings { waiting.append(Item(posting: posting, call: call)) }
    }

    /// The next message to send, while there is room in the window. Those that nobody waits for
    /// any more are left out.
    mutating func next() -> Item? {
        while underWay < size, let item = waiting.popFirst() {
            if !item.call.isOver { return item }
        }
        return nil
    }

    /// It could not be sent: it stays the next one.
    mutating func putBack(_ item: Item) {
        waiting.prepend(item)
    }

    /// It went out, under the number that follows on the last one's.
    mutating func wasSent(_ item: Item) {
        sent.append(.open(item))
        underWay += 1
    }

    /// Nobody is bound for the message; the confirm that follows is not worth what it says.
    mutating func bounce(id: String, exchange: String, routingKey: String) {
        for offset in 0..<sent.count {
            guard case .open(let item)? = sent[offset], item.posting.message.id == id,
                item.posting.exchange == exchange, item.posting.routingKey == routingKey
            else { continue }
            sent[offset] = .bounced(item)
            return
        }
    }

    /// The broker's answer to one message, or to all up to it.
    mutating func settle(tag: UInt64, multiple: Bool, isKept: Bool) -> [Settled] {
        // An answer to what was never sent, or has its answer, says nothing.
        guard tag >= oldest, tag - oldest < UInt64(sent.count) else { return [] }
        let last = Int(tag - oldest)
        var settled: [Settled] = []
        for offset in (multiple ? 0 : last)...last {
            switch sent[offset] {
            case .open(let item)?:
                settled.append(Settled(item: item, outcome: isKept ? .kept : .refused))
            case .bounced(let item)?: settled.append(Settled(item: item, outcome: .unread))
            case .answered?, nil: continue
            }
            sent[offset] = .answered
        }
        underWay -= settled.count
        while case .answered? = sent.first {
            _ = sent.popFirst()
            oldest += 1
        }
        return settled
    }

    /// Takes out what was sent to an exchange: the broker has ended the connection over it, and
    /// would do so again, whatever else is under way.
    mutating func remove(to exchange: String) -> [Item] {
        var removed: [Item] = []
        for offset in 0..<sent.count {
            guard case .open(let item)? = sent[offset], item.posting.exchange == exchange else {
                continue
            }
            removed.append(item)
            sent[offset] = .answered
        }
        underWay -= removed.count
        return removed
    }

    /// The connection is gone: what has no answer goes out again on the next one, first of all
    /// and in the same order. Tags begin again.
    mutating func restart() {
        for place in sent.elements.reversed() {
            switch place {
            case .open(let item), .bounced(let item): waiting.prepend(item)
            case .answered: break
            }
        }
        sent.removeAll()
        oldest = 1
        underWay = 0
    }
}
