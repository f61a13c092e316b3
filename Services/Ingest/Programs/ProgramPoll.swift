import Events
import Foundation
import Lanes
import Pipelines
import Service
import Spool
import Telemetry

/// What all that run programs work with.
struct ProgramParts: Sendable {
    let spool: Spool
    let announcements: Announcements
    let context: ServiceContext
    let rules: ProgramRules
}

/// Runs one program at its due times. A run that failed is tried again, later each time.
actor ProgramPoll {
    /// The longest pause after a failure.
    private static let patience = Duration.seconds(600)
    /// The clock may be set, so that a due time is not slept up to in one go.
    private static let nap = 30.0

    private(set) var job: ProgramJob
    private let parts: ProgramParts
    private let report: SourceReport
    private var complaint: String?

    init(_ job: ProgramJob, _ parts: ProgramParts) {
        self.job = job
        self.parts = parts
        report = SourceReport(parts.context)
    }

    /// Goes on for a newer revision; a run that is under way is counted as of it.
    func follow(_ job: ProgramJob) { self.job = job }

    /// Runs it until the task is cancelled.
    func run() async {
        var backoff = Backoff(from: .seconds(2), upTo: Self.patience)
        while !Task.isCancelled {
            do {
                try await waitUntilDue()
                try await runOnce()
                complaint = nil
                backoff.reset()
            } catch is CancellationError {
                return
            } catch {
                complain(error)
                let isPermanent = (error as? any ClassifiedError)?.disposition == .permanent
                let pause = isPermanent ? Self.patience : backoff.next()
                do { try await Task.sleep(for: pause) } catch { return }
            }
        }
    }

    private func waitUntilDue() async throws {
        var state = try ProgramState(try await parts.spool.note(of: job.name))
        let before = state
        while true {
            let now = Date()
            let due = state.due(job.program.when, now: now)
            if state != before, try await parts.spool.note(of: job.name) == nil {
                try await parts.spool.keep(SourceNote(source: job.name, text: try state.text))
            }
            if let due, due <= now { return }
            let pause = min(due?.timeIntervalSince(now) ?? Self.nap, Self.nap)
            try await Task.sleep(for: .seconds(pause))
        }
    }

    /// Runs it now, whenever it is due.
    func runOnce() async throws {
        switch job.items.first?.dataset.source {
        case .singer: try await SingerCapture(parts: parts, report: report).run { self.job }
        case .command: try await CommandCapture(parts: parts, report: report).run { self.job }
        case .files, .http, nil: break
        }
    }

    private func complain(_ error: any Error) {
        let text = "\(error)"
        guard let item = job.items.first else { return }
        report.failed(item, error, isNew: text != complaint)
        complaint = text
    }
}
