import Broker
import Foundation
import Lanes
import Synchronization
import Warehouse

/// Sends dead letters through again: of each group first one as a canary, then the rest at a rate,
/// and no more when letters come back.
///
/// Each piece is marked in the archive before it is published and counted after the broker has
/// confirmed it: whoever is killed in between leaves letters that the next call sends again.
struct Replay: Sendable {
    /// How it goes.
    struct Plan: Sendable {
        var rate = 50
        var hasCanary = true
        /// How long the canaries may take.
        var patience = Duration.seconds(120)
    }

    /// After so many a person should look before another, so it takes `--force`.
    static let usualReplays = 2
    /// When so many of a group have come back, what stops them is still there.
    static let returnsToStop = 3

    let letters: DeadLetters
    let publisher: RabbitPublisher
    let plan: Plan
    let who: String
    let console: Console
    /// Set when the person has had enough.
    let isStopped: @Sendable () -> Bool
    private let claim = "\(UUID())"

    init(
        _ letters: DeadLetters, over publisher: RabbitPublisher, _ plan: Plan, by who: String,
        _ console: Console, isStopped: @escaping @Sendable () -> Bool
    ) {
        self.letters = letters
        self.publisher = publisher
        self.plan = plan
        self.who = who
        self.console = console
        self.isStopped = isStopped
    }

    /// Sends a snapshot of letters.
    ///
    /// - Parameter tally: Counts also what was sent before an error.
    /// - Throws: What the broker or the archive threw; what was not sent then waits as before.
    func run(_ snapshot: [KeptLetter], _ tally: ReplayTally) async throws {
        var rest = snapshot
        if plan.hasCanary {
            var canaries: [KeptLetter] = []
            var groups: Set<ReplayTally.Group> = []
            rest = snapshot.filter { letter in
                guard groups.insert(ReplayTally.Group(letter)).inserted else { return true }
                canaries.append(letter)
                return false
            }
            try await send(canaries, tally, asLastAttempt: true)
            try await wait(tally)
        }
        try await sendRest(rest, tally)
        try await tally.look(letters)
    }

    /// At the rate, in pieces of a tenth of a second.
    private func sendRest(_ rest: [KeptLetter], _ tally: ReplayTally) async throws {
        let piece = max(1, plan.rate / 10)
        let began = ContinuousClock.now
        var looked = began
        var sent = 0
        var open = rest[...]
        while !open.isEmpty, !isStopped() {
            var batch: [KeptLetter] = []
            while batch.count < piece, let letter = open.popFirst() {
                if tally.mayGoOn(letter, needsCanary: plan.hasCanary) { batch.append(letter) }
            }
            guard !batch.isEmpty else { continue }
            try await send(batch, tally, asLastAttempt: false)
            sent += batch.count
            console.progress("\(tally.sentCount) of \(tally.selected) sent")
            if looked.duration(to: .now) > .seconds(1) {
                try await tally.look(letters)
                looked = .now
            }
            try await Task.sleep(until: began + .seconds(1) * sent / plan.rate)
        }
        console.endProgress()
    }

    private func send(
        _ batch: [KeptLetter], _ tally: ReplayTally, asLastAttempt: Bool
    ) async throws {
        let mine = try await letters.claim(batch, as: claim)
        guard !mine.isEmpty else { return }
        do {
            let contents = try await letters.contents(of: mine)
            try await publisher.post(
                contents.map { letter, content in
                    Posting(
                        DeadLetter.renewed(
                            content.message, id: letter.id, replays: letter.replays + 1,
                            isLastAttempt: asLastAttempt), to: Topology.direct,
                        routingKey: letter.queue)
                })
        } catch {
            try await letters.release(claim)
            throw error
        }
        try await letters.sent(mine, as: claim, by: who)
        tally.sent(mine)
    }

    /// Until each canary is handled or dead again, or the patience is over.
    private func wait(_ tally: ReplayTally) async throws {
        let began = ContinuousClock.now
        while tally.hasOpen, !isStopped(), began.duration(to: .now) < plan.patience {
            try await Task.sleep(for: .milliseconds(200))
            try await tally.look(letters)
            let seconds = began.duration(to: .now) / .seconds(1)
            console.progress("waiting for the canary: \(TimeText.seconds(seconds))")
        }
        console.endProgress()
        tally.endCanaries()
    }
}
