import Events
import Foundation
import Lanes
import Outbound
import Pipelines
import Service
import Spool
import Telemetry

/// Asks the source of one dataset again and again.
///
/// A page is durable in the spool, together with the place of the next one, before that is asked
/// for. So a process that dies asks once more for the page that it was about to write, and for no
/// other.
actor HTTPPoll {
    /// Tries of one page before the poll is given up until the next time.
    private static let tries = 5

    private let item: AppliedDataset
    private let source: HTTPSource
    private let spool: Spool
    private let announcements: Announcements
    private let context: ServiceContext
    private let fetch: PageFetch
    private var complaint: String?

    init(
        _ item: AppliedDataset, _ source: HTTPSource, spool: Spool, announcements: Announcements,
        context: ServiceContext, fetch: PageFetch
    ) {
        self.item = item
        self.source = source
        self.spool = spool
        self.announcements = announcements
        self.context = context
        self.fetch = fetch
    }

    /// Polls until it is cancelled.
    func run() async {
        var backoff = Backoff(from: .seconds(1), upTo: .seconds(60))
        while !Task.isCancelled {
            let begin = ContinuousClock.now
            var pause: Duration
            do {
                try await poll()
                complaint = nil
                backoff.reset()
                pause = max(.zero, .seconds(source.everySeconds) - begin.duration(to: .now))
            } catch is CancellationError {
                return
            } catch {
                complain(error)
                pause = backoff.next()
                if isPermanent(error) { pause = max(pause, .seconds(source.everySeconds)) }
            }
            do { try await Task.sleep(for: pause) } catch { return }
        }
    }

    /// Reads all pages that there are.
    func poll() async throws {
        // From the disk each time: after a failed write nobody else knows what holds.
        var state = try PollState(try await spool.note(of: name), for: source)
        if isWhole { state.page = nil }
        if state.page == nil { state.begin() }
        var segment: GrowingSegment?
        var written = 0
        do {
            while state.page != nil {
                let growing: GrowingSegment
                if let segment { growing = segment } else { growing = try await spool.begin() }
                segment = growing
                written += try await page(&state, into: growing)
                if isWhole, state.page != nil { continue }
                // The spool has it from here on.
                segment = nil
                try await keep(state, growing, written: written)
                written = 0
            }
        } catch {
            if let segment { try await spool.abandon(segment) }
            throw error
        }
    }

    private var name: String { "\(item.pipeline).\(item.dataset.name)" }

    /// A table that is replaced is replaced by all pages or by none.
    private var isWhole: Bool { item.dataset.load.mode == .replace }

    /// Takes one page, tried several times, and moves the state behind it.
    ///
    /// - Returns: How many records of it are new.
    private func page(_ state: inout PollState, into segment: GrowingSegment) async throws -> Int {
        let start = segment.bytes
        var backoff = Backoff(from: .seconds(1), upTo: .seconds(30))
        for number in 1... {
            do {
                let novelty = isWhole ? nil : Novelty(state)
                let receiver = PageReceiver(source, novelty, into: segment)
                let (answer, url) = try await fetch.fetch(state, into: receiver)
                let page = try receiver.finish(hasBody: answer.status != 204)
                let next = try fetch.page(after: state, page, answer, url)
                page.novelty?.update(&state)
                state.page = next
                if next == nil { state.end() }
                note(page)
                return page.written
            } catch let error as any ClassifiedError {
                guard error.disposition == .transient, number < Self.tries,
                    !(error is SpoolError)
                else { throw error }
                context.log.info(
                    "page asked for again", facts(["try": "\(number)", "error": "\(error)"]))
                // What came of it is forgotten, as if it had not been asked for.
                try segment.truncate(to: start)
                let asked = (error as? PollFailure)?.retryAfter ?? .zero
                try await Task.sleep(for: max(min(asked, HostPaces.longestPause), backoff.next()))
            }
        }
        preconditionFailure("the last try returns or throws")
    }

    private func keep(
        _ state: PollState, _ segment: GrowingSegment, written: Int
    ) async throws {
        var state = state
        var isNew = segment.bytes > 0
        do {
            if isWhole, isNew {
                let digest = try await spool.sha256(of: segment)
                isNew = digest != state.digest
                state.digest = digest
            }
            let note = SourceNote(source: name, text: try state.text)
            guard isNew else {
                try await spool.abandon(segment)
                if try await spool.note(of: name) != note.text { try await spool.keep(note) }
                return
            }
            let label = SegmentLabel(
                pipeline: item.pipeline, revision: item.revision, dataset: item.dataset.name,
                host: context.host, name: "\(item.dataset.name).jsonl")
            let captured = try await spool.commit(segment, as: label, note: note)
            tell(captured.facts, records: written)
            await announcements.announce([captured])
        } catch {
            // Of a segment that came to be after all nothing is left to abandon.
            try await spool.abandon(segment)
            throw error
        }
    }

    // MARK: What is told

    private func note(_ page: PageReceiver.Page) {
        guard let novelty = page.novelty else { return }
        for (count, what) in [(novelty.repeated, "repeated"), (novelty.skipped, "skipped")]
        where count > 0 {
            context.metrics.add(
                Double(count), to: "millrace_source_records_left_total",
                labels.merging(["why": what]) { $1 },
                help: "Records of sources that were there before, or that have no cursor.")
        }
    }

    private func tell(_ captured: SegmentCaptured, records: Int) {
        context.log.info(
            "records captured",
            facts([
                "records": "\(records)", "bytes": "\(captured.bytes)",
                "segment": "\(captured.segment)",
            ]))
        context.metrics.add(
            to: "millrace_segments_captured_total", labels, help: "Segments written to the spool.")
        context.metrics.add(
            Double(captured.bytes), to: "millrace_captured_bytes_total", labels,
            help: "Bytes written to the spool.")
    }

    private func complain(_ error: any Error) {
        let text = "\(error)"
        let kind = (error as? any ClassifiedError)?.errorClass ?? "ingest.failed"
        context.metrics.add(
            to: "millrace_polls_failed_total", labels.merging(["error": kind]) { $1 },
            help: "Polls of sources that were given up until the next time.")
        guard text != complaint else { return }
        complaint = text
        context.log.error(
            "source cannot be read", facts(["error": text, "error.class": kind, "url": source.url]))
    }

    private func isPermanent(_ error: any Error) -> Bool {
        (error as? any ClassifiedError)?.disposition == .permanent
    }

    private var labels: [String: String] {
        ["pipeline": item.pipeline, "dataset": item.dataset.name]
    }

    private func facts(_ more: [String: String]) -> [String: String] {
        labels.merging(more) { $1 }
    }
}
