import Synchronization

/// Where a consumer lays out what it was handed, where its takers wait and leave their answers.
///
/// They meet here without the consumer's lane: a hop to it and back for each message costs more
/// than everything else about it, and the lane may be stuck with a broker that does not answer.
final class DeliveryDesk: Sendable {
    /// What a taker says about a delivery.
    struct Answer: Sendable {
        enum Verdict: Sendable { case done, again, dead }
        let connection: Int
        let tag: UInt64
        let verdict: Verdict

        init(_ delivery: Delivery, _ verdict: Verdict) {
            connection = delivery.connection
            tag = delivery.tag
            self.verdict = verdict
        }
    }

    /// What became of an answer: the first of those that wait, one more of them, the one that
    /// makes them enough to be said at once, or void.
    enum Receipt { case first, later, enough, void }

    private struct State {
        var ready = Deque<Delivery>()
        var takers = Deque<(id: Int, continuation: CheckedContinuation<Delivery?, Never>)>()
        var lastTaker = 0
        var answers: [Answer] = []
        /// So many answers are worth a word to the broker.
        var enough = 1
        /// The number of the connection that is up.
        var connection: Int?
        var isPaused = false
        var isStopped = false

        var givesOut: Bool { !isPaused && !isStopped }
    }

    private let state = Mutex(State())

    var isStopped: Bool { state.withLock { $0.isStopped } }

    /// Answers are said together, when so many have come as give back a good part of what may be
    /// ours at a time: each word costs the broker far more than it costs us.
    func admit(_ count: Int) {
        state.withLock { $0.enough = max(1, count / 4) }
    }

    /// A new connection is up: what came over an earlier one is void.
    func open(_ connection: Int) {
        state.withLock { $0.connection = connection }
    }

    /// The connection is gone, and with it what nobody has taken and every answer to it.
    func lose() {
        state.withLock { state in
            state.connection = nil
            state.ready.removeAll()
            state.answers = []
        }
    }

    /// True while the answer to a delivery still counts.
    func holds(_ delivery: Delivery) -> Bool {
        state.withLock { $0.connection == delivery.connection }
    }

    /// Lays out what has come.
    ///
    /// - Returns: False when nothing is given out any more: it all has to go back.
    func put(_ deliveries: [Delivery]) -> Bool {
        var handed: [(CheckedContinuation<Delivery?, Never>, Delivery)] = []
        let isTaken = state.withLock { state in
            guard state.givesOut else { return false }
            for delivery in deliveries {
                if let taker = state.takers.popFirst() {
                    handed.append((taker.continuation, delivery))
                } else {
                    state.ready.append(delivery)
                }
            }
            return true
        }
        for (taker, delivery) in handed { taker.resume(returning: delivery) }
        return isTaken
    }

    /// Waits for the next delivery; nil when there will be none, or the task is cancelled.
    func next() async -> Delivery? {
        guard !Task.isCancelled else { return nil }
        let (delivery, taker) = state.withLock { state -> (Delivery?, Int?) in
            if let delivery = state.ready.popFirst() { return (delivery, nil) }
            guard !state.isStopped else { return (nil, nil) }
            state.lastTaker += 1
            return (nil, state.lastTaker)
        }
        guard let taker else { return delivery }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { wait($0, as: taker) }
        } onCancel: {
            leave(taker)
        }
    }

    /// Takes in an answer; it is void when the delivery's connection is gone.
    func take(_ answer: Answer) -> Receipt {
        state.withLock { state in
            guard state.connection == answer.connection else { return .void }
            state.answers.append(answer)
            if state.answers.count == state.enough { return .enough }
            return state.answers.count == 1 ? .first : .later
        }
    }

    /// The answers since the last time.
    ///
    /// - Parameter ifEnough: None, as long as they are not worth a word.
    func takeAnswers(ifEnough: Bool = false) -> [Answer] {
        state.withLock { state in
            guard !ifEnough || state.answers.count >= state.enough else { return [] }
            defer { state.answers = [] }
            return state.answers
        }
    }

    /// Gives nothing out until `resume`.
    ///
    /// - Returns: What nobody has taken yet.
    func pause() -> [Delivery] {
        state.withLock { state in
            state.isPaused = true
            return Self.withdraw(&state)
        }
    }

    func resume() {
        state.withLock { $0.isPaused = false }
    }

    /// Ends every wait, for good.
    ///
    /// - Returns: What nobody has taken yet.
    func stop() -> [Delivery] {
        let (takers, left) = state.withLock { state in
            state.isStopped = true
            defer { state.takers.removeAll() }
            return (state.takers.elements, Self.withdraw(&state))
        }
        for taker in takers { taker.continuation.resume(returning: nil) }
        return left
    }

    private static func withdraw(_ state: inout State) -> [Delivery] {
        defer { state.ready.removeAll() }
        return state.ready.elements
    }

    private func wait(_ continuation: CheckedContinuation<Delivery?, Never>, as taker: Int) {
        let (isOver, delivery) = state.withLock { state -> (Bool, Delivery?) in
            // Between the look and the wait something may have come, or all may have ended.
            if state.isStopped || Task.isCancelled { return (true, nil) }
            if let delivery = state.ready.popFirst() { return (true, delivery) }
            state.takers.append((taker, continuation))
            return (false, nil)
        }
        if isOver { continuation.resume(returning: delivery) }
    }

    private func leave(_ taker: Int) {
        let left = state.withLock { state in
            let left = state.takers.elements.first { $0.id == taker }
            if left != nil { state.takers.removeAll { $0.id == taker } }
            return left
        }
        left?.continuation.resume(returning: nil)
    }
}
