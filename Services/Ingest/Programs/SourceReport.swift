import Events
import Pipelines
import Service
import Spool
import Telemetry

/// Tells of what came from a source, and of what did not.
struct SourceReport: Sendable {
    private let context: ServiceContext

    init(_ context: ServiceContext) { self.context = context }

    func captured(_ segment: SegmentCaptured) {
        let labels = ["pipeline": segment.pipeline, "dataset": segment.dataset]
        context.log.info(
            "records captured",
            labels.merging(["bytes": "\(segment.bytes)", "segment": "\(segment.segment)"]) { $1 })
        context.metrics.add(
            to: "millrace_segments_captured_total", labels, help: "Segments written to the spool.")
        context.metrics.add(
            Double(segment.bytes), to: "millrace_captured_bytes_total", labels,
            help: "Bytes written to the spool.")
    }

    /// Something that a person may want to know of.
    func noticed(
        _ item: AppliedDataset, _ what: String, count: Int, _ facts: [String: String] = [:]
    ) {
        let labels = ["pipeline": item.pipeline, "dataset": item.dataset.name]
        context.log.warning(
            what, labels.merging(["count": "\(count)"]) { $1 }.merging(facts) { $1 })
    }

    /// - Parameter isNew: Whether it is another failure than the last time.
    func failed(_ item: AppliedDataset, _ error: any Error, isNew: Bool) {
        let labels = ["pipeline": item.pipeline, "dataset": item.dataset.name]
        let kind = (error as? any ClassifiedError)?.errorClass ?? "ingest.failed"
        context.metrics.add(
            to: "millrace_polls_failed_total", labels.merging(["error": kind]) { $1 },
            help: "Polls of sources that were given up until the next time.")
        guard isNew else { return }
        context.log.error(
            "source cannot be read",
            labels.merging(["error": "\(error)", "error.class": kind]) { $1 })
    }
}
