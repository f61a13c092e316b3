import Foundation
import Pipelines
import Service
import Spool

/// Captures what programs print, for each applied dataset whose source runs one.
final class ProgramWatch: SourceWatching {
    private let parts: ProgramParts
    private let plans: AsyncStream<[AppliedDataset]>
    private let plan: AsyncStream<[AppliedDataset]>.Continuation

    init(_ parts: ProgramParts) {
        self.parts = parts
        (plans, plan) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func follow(_ datasets: [AppliedDataset]) async { plan.yield(datasets) }

    func run() async throws {
        // What runs of a process that died have left, secrets among it.
        if FileManager.default.fileExists(atPath: parts.rules.work) {
            try FileManager.default.removeItem(atPath: parts.rules.work)
        }
        var polls: [String: Polling] = [:]
        for await datasets in plans {
            let jobs = ProgramJob.all(datasets)
            await update(&polls, to: jobs)
        }
        await stop(Array(polls.values))
    }

    /// A poll at work.
    private struct Polling {
        let poll: ProgramPoll
        let task: Task<Void, Never>
    }

    /// Starts, changes and stops polls; a run whose source is as before is left alone.
    private func update(_ polls: inout [String: Polling], to jobs: [ProgramJob]) async {
        var kept: [String: Polling] = [:]
        var begun: [ProgramJob] = []
        for job in jobs {
            if let polling = polls[job.name], await polling.poll.job.isSame(as: job) {
                await polling.poll.follow(job)
                kept[job.name] = polling
            } else {
                begun.append(job)
            }
        }
        // One source is never run twice at once.
        await stop(polls.filter { kept[$0.key] == nil }.map(\.value))
        for job in begun {
            let poll = ProgramPoll(job, parts)
            kept[job.name] = Polling(poll: poll, task: Task { await poll.run() })
        }
        polls = kept
    }

    private func stop(_ polls: [Polling]) async {
        for polling in polls { polling.task.cancel() }
        for polling in polls { await polling.task.value }
    }
}
