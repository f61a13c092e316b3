import Foundation
import Stack
import Synchronization

/// What has happened in a drill so far: its faults and what they proved.
final class DrillJournal: Sendable {
    /// A failure that was caused.
    struct Entry: Sendable {
        let at: Date
        let fault: String
        /// What was done to whom, in a few words.
        let what: String
    }

    private struct State {
        var entries: [Entry] = []
        var proofs: [String: Int] = [:]
        var endedAt = ContinuousClock.now
    }

    let startedAt = Date()
    private let state = Mutex(State())
    private let console: Console

    init(_ console: Console) {
        self.console = console
    }

    /// A fault was caused, and is over.
    func note(_ fault: String, _ what: String) {
        let entry = Entry(at: Date(), fault: fault, what: what)
        state.withLock {
            $0.entries.append(entry)
            $0.endedAt = .now
        }
        if console.isInteractive { console.note("  \(line(entry))") }
    }

    /// Counts something that shows that a fault was felt.
    func count(_ proof: String, _ number: Int = 1) {
        state.withLock { $0.proofs[proof, default: 0] += number }
    }

    var entries: [Entry] { state.withLock(\.entries) }
    var proofs: [String: Int] { state.withLock(\.proofs) }
    /// When the last fault was over.
    var endedAt: ContinuousClock.Instant { state.withLock(\.endedAt) }

    /// Writes all faults with their times into the stack's folder for logs.
    func write(_ plan: DrillPlan) throws {
        let lines = ([plan.command] + entries.map(line)).map { $0 + "\n" }
        let path = plan.folder.log("drill")
        try Data(lines.joined().utf8).write(to: URL(filePath: path))
    }

    private func line(_ entry: Entry) -> String {
        let seconds = String(format: "%7.1f s", entry.at.timeIntervalSince(startedAt))
        return "\(seconds)  \(entry.fault)  \(entry.what)"
    }
}
