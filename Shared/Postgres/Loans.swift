/// Who has what of a limited number of things, and who waits for one: first come, first served.
struct Loans<Thing: Sendable> {
    typealias Waiter = CheckedContinuation<Thing, any Error>

    /// What to do for somebody who asks.
    enum Answer {
        case lend(Thing)
        /// Make a new one: there may be one more.
        case open
        /// The waiter is called when one comes back.
        case wait
        /// Its task was cancelled before it could wait.
        case refuse
    }

    private let limit: Int
    private var idle: [Thing] = []
    private var made = 0
    private var waiting: [(ticket: Int, waiter: Waiter)] = []
    private var tickets = 0

    init(limit: Int) {
        precondition(limit > 0)
        self.limit = limit
    }

    /// A number for one request, by which it can be taken back.
    mutating func ticket() -> Int {
        tickets += 1
        return tickets
    }

    mutating func ask(_ ticket: Int, isCancelled: Bool, _ waiter: Waiter) -> Answer {
        if isCancelled { return .refuse }
        if let thing = idle.popLast() { return .lend(thing) }
        if made < limit {
            made += 1
            return .open
        }
        waiting.append((ticket, waiter))
        return .wait
    }

    /// Takes a request back.
    /// - Returns: Its waiter, if it still waits.
    mutating func leave(_ ticket: Int) -> Waiter? {
        guard let index = waiting.firstIndex(where: { $0.ticket == ticket }) else { return nil }
        return waiting.remove(at: index).waiter
    }

    /// - Returns: Who gets the thing next; nil when it rests.
    mutating func giveBack(_ thing: Thing) -> Waiter? {
        if waiting.isEmpty {
            idle.append(thing)
            return nil
        }
        return waiting.removeFirst().waiter
    }
}
