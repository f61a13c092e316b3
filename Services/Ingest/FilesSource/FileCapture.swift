import Events
import Service
import Spool
import Telemetry

/// Takes candidates into the spool and tells of them.
struct FileCapture: Sendable {
    let spool: Spool
    let announcements: Announcements
    let context: ServiceContext
    let complaints: Complaints

    /// Captures until the candidates are closed.
    func run(_ candidates: Candidates) async {
        while true {
            let files = await candidates.next(upTo: 32)
            if files.isEmpty { return }
            await announcements.announce(await capture(files))
        }
    }

    private func capture(_ files: [Candidates.File]) async -> [Segment] {
        await withTaskGroup(of: Segment?.self) { group in
            for file in files { group.addTask { await capture(file) } }
            return await group.reduce(into: []) { segments, segment in
                if let segment { segments.append(segment) }
            }
        }
    }

    private func capture(_ file: Candidates.File) async -> Segment? {
        let route = file.route
        let label = SegmentLabel(
            pipeline: route.pipeline, revision: route.revision, dataset: route.dataset,
            host: context.host, name: file.name)
        do {
            guard let segment = try await spool.take(fileAt: file.path, as: label) else {
                return nil
            }
            note(segment.facts)
            return segment
        } catch {
            // Without the changing name of the file that was written, so that it is said once.
            let reason = error.kind == .full ? "there is no room in the spool" : "\(error)"
            complaints.report([file.path: reason])
            context.metrics.add(
                to: "millrace_captures_failed_total",
                [
                    "pipeline": route.pipeline, "dataset": route.dataset,
                    "error": error.errorClass,
                ], help: "Attempts to take a file that failed; it stays where it is.")
            return nil
        }
    }

    private func note(_ facts: SegmentCaptured) {
        context.log.info(
            "file captured",
            [
                "file.name": facts.name, "file.bytes": "\(facts.bytes)",
                "pipeline": facts.pipeline, "dataset": facts.dataset,
                "segment": "\(facts.segment)",
            ])
        let labels = ["pipeline": facts.pipeline, "dataset": facts.dataset]
        context.metrics.add(
            to: "millrace_segments_captured_total", labels, help: "Segments written to the spool.")
        context.metrics.add(
            Double(facts.bytes), to: "millrace_captured_bytes_total", labels,
            help: "Bytes written to the spool.")
    }
}
