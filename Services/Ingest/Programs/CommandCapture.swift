import Events
import Foundation
import Pipelines
import Service
import Spool
import Synchronization

/// Takes what one run of a command prints as one segment: all of it, or nothing where the run
/// failed.
struct CommandCapture {
    let parts: ProgramParts
    let report: SourceReport

    /// - Parameter job: Asked again when the run is over, since the pipeline may have been changed.
    func run(_ job: () async -> ProgramJob) async throws {
        let begin = Date()
        let current = await job()
        guard let segment = try await parts.spool.begin().first else { return }
        let end = Mutex<UInt8>(0x0A)
        do {
            let run = ProgramRun(
                program: current.program, rules: parts.rules, log: parts.context.log)
            try await run.run { bytes in
                try segment.write(bytes)
                if let last = bytes.last { end.withLock { $0 = last } }
            }
            guard end.withLock({ $0 }) == 0x0A else {
                throw PollFailure(
                    .transient, "program.cut",
                    "its last line has no end, so that nobody knows whether it is whole")
            }
        } catch {
            try await parts.spool.abandon([segment])
            throw error
        }
        if let item = await job().items.first {
            try await keep(segment, current.name, item, begin)
        }
    }

    private func keep(
        _ segment: GrowingSegment, _ name: String, _ item: AppliedDataset, _ begin: Date
    ) async throws {
        let spool = parts.spool
        do {
            var state = try ProgramState(try await spool.note(of: name))
            state.last = begin
            let isNew = try await state.isNew(segment, of: item, in: spool)
            let note = SourceNote(source: name, text: try state.text)
            guard isNew else {
                try await spool.abandon([segment])
                return try await spool.keep(note)
            }
            let captured = try await spool.commit(
                [(segment, item.label(parts.context.host))], note: note)
            for segment in captured { report.captured(segment.facts) }
            await parts.announcements.announce(captured)
        } catch {
            // Of a segment that came to be after all nothing is left to abandon.
            try await spool.abandon([segment])
            throw error
        }
    }
}

extension AppliedDataset {
    /// The label of what a program prints for it.
    func label(_ host: String) -> SegmentLabel {
        var ending = "jsonl"
        if case .csv = dataset.format { ending = "csv" }
        return SegmentLabel(
            pipeline: pipeline, revision: revision, dataset: dataset.name, host: host,
            name: "\(dataset.name).\(ending)")
    }
}
