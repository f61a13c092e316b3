import Events
import Pipelines
import Service
import Spool
import Telemetry

/// Tells in logs and metrics what came of a call.
struct CallReport: Sendable {
    let context: ServiceContext
    let call: HTTPCall

    func repeats(_ page: PageReceiver.Page) {
        guard let novelty = page.novelty else { return }
        leave(novelty.repeated, "repeated")
        leave(novelty.skipped, "skipped")
    }

    func leave(_ count: Int, _ why: String) {
        guard count > 0 else { return }
        context.metrics.add(
            Double(count), to: "millrace_source_records_left_total",
            labels.merging(["why": why]) { $1 },
            help: "Records of sources that were there before, or that lack what is needed.")
    }

    func captured(_ segment: Segment) {
        let labels = ["pipeline": call.pipeline, "dataset": segment.facts.dataset]
        context.log.info(
            "records captured",
            labels.merging(
                ["bytes": "\(segment.facts.bytes)", "segment": "\(segment.id)"]) { $1 })
        context.metrics.add(
            to: "millrace_segments_captured_total", labels, help: "Segments written to the spool.")
        context.metrics.add(
            Double(segment.facts.bytes), to: "millrace_captured_bytes_total", labels,
            help: "Bytes written to the spool.")
    }

    func askedAgain(_ number: Int, after error: any Error) {
        context.log.info("page asked for again", facts(["try": "\(number)", "error": "\(error)"]))
    }

    func gaveUp(_ item: PollItem) {
        context.metrics.add(
            to: "millrace_source_items_given_up_total", labels,
            help: "Records of a call for which another could not be made.")
        context.log.error(
            "record of a call given up",
            facts(["item": item.text, "error": item.problem ?? ""]))
    }

    func failed(_ error: any Error, isNew: Bool) {
        let kind = Self.kind(of: error)
        context.metrics.add(
            to: "millrace_polls_failed_total", labels.merging(["error": kind]) { $1 },
            help: "Polls of sources that were given up until the next time.")
        guard isNew else { return }
        context.log.error(
            "source cannot be read",
            facts(["error": "\(error)", "error.class": kind, "url": call.source.url]))
    }

    private static func kind(of error: any Error) -> String {
        (error as? any ClassifiedError)?.errorClass ?? "ingest.failed"
    }

    private var labels: [String: String] {
        let name = call.name.split(separator: ".").dropFirst().joined(separator: ".")
        return ["pipeline": call.pipeline, "call": name]
    }

    private func facts(_ more: [String: String]) -> [String: String] {
        labels.merging(more) { $1 }
    }
}
