import Events
import Foundation
import Lanes
import Outbound
import Pipelines
import Service
import Spool

/// Makes one call again and again.
///
/// A page is durable in the spool, together with the place of the next one, before that is asked
/// for. So a process that dies asks once more for the page that it was about to write, and for no
/// other.
actor HTTPPoll {
    /// A record that calls fail for in so many polls is given up.
    private static let failureLimit = 5

    private let call: HTTPCall
    private let spool: Spool
    private let announcements: Announcements
    private let report: CallReport
    private let host: String
    private let tries: PageTries
    /// Of the call that has the records which `call` is made for; nil where there is none.
    private let parent: PageTries?
    private var complaint: String?

    /// - Parameter fetch: Makes what asks for the pages of a call.
    init(
        _ call: HTTPCall, spool: Spool, announcements: Announcements, context: ServiceContext,
        fetch: (HTTPSource) -> PageFetch
    ) {
        self.call = call
        self.spool = spool
        self.announcements = announcements
        host = context.host
        let report = CallReport(context: context, call: call)
        self.report = report
        let parent = call.source.parents.first
        tries = PageTries(
            fetch: fetch(call.source), report: report, limit: parent == nil ? 5 : 2)
        self.parent = parent.map { PageTries(fetch: fetch($0), report: report, limit: 5) }
    }

    /// Polls until it is cancelled.
    func run() async {
        var backoff = Backoff(from: .seconds(1), upTo: .seconds(60))
        let period = Duration.seconds(call.source.everySeconds)
        if call.source.schedule != nil { do { try await wait(.zero) } catch { return } }
        while !Task.isCancelled {
            let begin = ContinuousClock.now
            var pause: Duration
            do {
                if let parent { try await pollItems(of: parent) } else { try await pollPages() }
                complaint = nil
                backoff.reset()
                pause = max(.zero, period - begin.duration(to: .now))
            } catch is CancellationError {
                return
            } catch {
                report.failed(error, isNew: "\(error)" != complaint)
                complaint = "\(error)"
                pause = backoff.next()
                let isPermanent = (error as? any ClassifiedError)?.disposition == .permanent
                if isPermanent { pause = max(pause, period) }
            }
            do { try await wait(pause) } catch { return }
        }
    }

    /// Waits for the next due time, where there is a schedule and the last poll has ended well.
    private func wait(_ pause: Duration) async throws {
        guard complaint == nil, let schedule = call.source.schedule else {
            return try await Task.sleep(for: pause)
        }
        let due = Trigger(schedule).next(after: .now) ?? .distantFuture
        try await Task.sleep(for: .seconds(min(due.timeIntervalSinceNow, 366 * 86_400)))
    }

    // MARK: Pages

    /// Reads all pages that there are.
    private func pollPages() async throws {
        // From the disk each time: after a failed write nobody else knows what holds.
        var state = try PollState(try await spool.note(of: call.name), for: call.source)
        if call.isWhole { state.page = nil }
        if state.page == nil { state.begin() }
        var segments: [GrowingSegment] = []
        do {
            while state.page != nil {
                if segments.isEmpty { segments = try await spool.begin(call.datasets.count) }
                try await page(&state, into: segments)
                if call.isWhole, state.page != nil { continue }
                let written = segments
                // The spool has them from here on.
                segments = []
                try await keep(state, written)
            }
        } catch {
            try await spool.abandon(segments)
            throw error
        }
    }

    /// Takes one page, and moves the state behind it.
    private func page(_ state: inout PollState, into segments: [GrowingSegment]) async throws {
        let marks = segments.map(\.bytes)
        let novelty = call.isWhole ? nil : Novelty(state, sameBy: call.source.sameBy)
        let (page, next) = try await tries.page(state, judgedBy: novelty) {
            for (segment, mark) in zip(segments, marks) { try segment.truncate(to: mark) }
            return ShareLines(call.shares, into: .segments(segments))
        }
        page.novelty?.update(&state)
        state.page = next
        if next == nil { state.end() }
        report.repeats(page)
    }

    private func keep(_ state: PollState, _ segments: [GrowingSegment]) async throws {
        var state = state
        var isNew = segments.contains { $0.bytes > 0 }
        do {
            if call.isWhole, isNew {
                var digests: [String] = []
                for segment in segments { digests.append(try await spool.sha256(of: segment)) }
                let digest = digests.joined(separator: " ")
                isNew = digest != state.digest
                state.digest = digest
            }
            let note = SourceNote(source: call.name, text: try state.text)
            guard isNew else {
                try await spool.abandon(segments)
                return try await keep(note)
            }
            try await tell(
                try await spool.commit(
                    Array(zip(segments, call.labels(on: host))), note: note))
        } catch {
            // Of segments that came to be after all nothing is left to abandon.
            try await spool.abandon(segments)
            throw error
        }
    }

    private func keep(_ note: SourceNote) async throws {
        if try await spool.note(of: call.name) != note.text { try await spool.keep(note) }
    }

    private func tell(_ segments: [Segment]) async throws {
        segments.forEach(report.captured)
        await announcements.announce(segments)
    }

    // MARK: Records that calls are made for

    /// Makes the call for each new record of its parent, a page of them at a time.
    private func pollItems(of parent: PageTries) async throws {
        let source = parent.fetch.request.source
        let slots = HTTPSlot.all(in: call.source)
        var state = try PollState(try await spool.note(of: call.name), for: source)
        if state.page == nil { state.begin() }
        var failed: [PollItem] = []
        var hasSucceeded = false
        while true {
            let round = ItemRound(state, keeping: failed, call, spool, tries: tries, report)
            failed = try await round.run { try await self.tell($0) }
            if await round.hasSucceeded { hasSucceeded = true }
            state.items = []
            guard state.page != nil else { break }
            var list = ItemList(slots)
            let novelty = Novelty(state, sameBy: source.sameBy)
            let (page, next) = try await parent.page(state, judgedBy: novelty) {
                list = ItemList(slots)
                return list
            }
            page.novelty?.update(&state)
            state.page = next
            if next == nil { state.end() }
            state.items = list.items
            report.repeats(page)
            report.leave(list.incomplete, "incomplete")
            try await keep(state, failed)
        }
        // Failures count where the source was there for others.
        if hasSucceeded { try await keep(state, counted(failed)) }
    }

    private func keep(_ state: PollState, _ failed: [PollItem]) async throws {
        var noted = state
        noted.items += failed
        try await keep(SourceNote(source: call.name, text: try noted.text))
    }

    /// Those that are to be tried in the next poll.
    private func counted(_ failed: [PollItem]) -> [PollItem] {
        failed.compactMap { item in
            var item = item
            item.failures += 1
            if item.failures < Self.failureLimit { return item }
            report.gaveUp(item)
            return nil
        }
    }
}
