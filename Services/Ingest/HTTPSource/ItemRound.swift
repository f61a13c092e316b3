import Events
import Pipelines
import Service
import Spool

/// Makes a call for each of some records, a few at a time.
///
/// What came is durable a moment later, together with the list of the records that are left. So a
/// process that dies makes again the calls of that moment alone. A record whose call fails does not
/// hold up the others: it is left for the next poll.
actor ItemRound {
    /// Calls under way at once.
    private static let parallel = 4
    /// How long what came may wait before it is written.
    private static let patience = Duration.milliseconds(200)
    /// Of the answer of one call, and of what waits to be written.
    private static let limitBytes = 4 << 20
    /// So many failures one after another are the source's and not those of records.
    private static let streakLimit = 5
    /// These are about who asks, not about a record.
    private static let refusals: Set<String> = [
        "http.status_401", "http.status_403", "http.status_407", "http.no_secret", "http.no_token",
    ]

    private let call: HTTPCall
    private let spool: Spool
    private let tries: PageTries
    private let report: CallReport
    /// What the parent has to remember.
    private let base: PollState
    /// Records that failed earlier in this poll.
    private let earlier: [PollItem]
    /// The next one is the last.
    private var due: [PollItem]
    private var underWay: [Int: PollItem] = [:]
    private var failed: [PollItem] = []
    private var streak = 0
    /// True when a call has gone well.
    private(set) var hasSucceeded = false
    private var begun = 0
    private var lines: [[UInt8]]
    private var waitsSince: ContinuousClock.Instant?
    private var isOver = false
    /// What was handed to the spool last is not known to be there: nothing may be noted behind it.
    private var isInDoubt = false

    /// - Parameters:
    ///   - state: Of the parent, with the records to make calls for.
    ///   - failed: Records that are to be remembered, and not asked for now.
    init(
        _ state: PollState, keeping failed: [PollItem], _ call: HTTPCall, _ spool: Spool,
        tries: PageTries, _ report: CallReport
    ) {
        self.call = call
        self.spool = spool
        self.tries = tries
        self.report = report
        var base = state
        base.items = []
        self.base = base
        earlier = failed
        due = state.items.reversed()
        lines = call.datasets.map { _ in [] }
    }

    /// Makes the calls.
    ///
    /// - Parameter tell: Tells of segments.
    /// - Returns: The records that are left for the next poll.
    /// - Throws: When the source as a whole cannot be read. What came until then is written.
    func run(
        _ tell: @escaping @Sendable ([Segment]) async throws -> Void
    ) async throws -> [PollItem] {
        guard !due.isEmpty else { return earlier }
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await self.write(tell) }
                group.addTask { try await self.askAll() }
                try await group.waitForAll()
            }
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            try await tell(try await commit())
            throw error
        }
        try await tell(try await commit())
        return left
    }

    // MARK: Asking

    private func askAll() async throws {
        defer { isOver = true }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<Self.parallel { group.addTask { try await self.askSome() } }
            while try await group.next() != nil {}
        }
    }

    private func askSome() async throws {
        while let item = due.popLast() {
            begun += 1
            let number = begun
            underWay[number] = item
            do {
                try await ask(item, number)
                (streak, hasSucceeded) = (0, true)
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                try fail(number, error)
            }
        }
    }

    private func ask(_ item: PollItem, _ number: Int) async throws {
        var item = item
        repeat {
            while lines.reduce(0, { $0 + $1.count }) > Self.limitBytes {
                try await Task.sleep(for: .milliseconds(20))
            }
            var target = emptyLines
            let (_, next) = try await tries.page(
                PollState(at: item.page), for: item.values, judgedBy: nil
            ) {
                target = emptyLines
                return target
            }
            for (index, more) in target.content.enumerated() { lines[index] += more }
            item.page = next
            underWay[number] = next == nil ? nil : item
            waitsSince = waitsSince ?? .now
        } while item.page != nil
    }

    private var emptyLines: ShareLines {
        ShareLines(call.shares, into: .memory(limitBytes: Self.limitBytes))
    }

    private func fail(_ number: Int, _ error: any Error) throws {
        streak += 1
        let kind = (error as? any ClassifiedError)?.errorClass ?? ""
        if Self.refusals.contains(kind) || streak >= Self.streakLimit { throw error }
        guard var item = underWay.removeValue(forKey: number) else { return }
        item.problem = String("\(error)".prefix(300))
        failed.append(item)
        waitsSince = waitsSince ?? .now
    }

    /// What is not done.
    private var left: [PollItem] {
        earlier + failed + underWay.sorted { $0.key < $1.key }.map(\.value)
            + due.reversed()
    }

    // MARK: Writing

    /// Writes what has waited for a moment, until all is over.
    private func write(
        _ tell: @escaping @Sendable ([Segment]) async throws -> Void
    ) async throws {
        // Telling may take long; what comes meanwhile is written all the same.
        try await withThrowingDiscardingTaskGroup { group in
            while !isOver {
                try await Task.sleep(for: .milliseconds(50))
                guard let since = waitsSince, since.duration(to: .now) >= Self.patience else {
                    continue
                }
                let segments = try await commit()
                group.addTask { try await tell(segments) }
            }
        }
    }

    private func commit() async throws -> [Segment] {
        guard !isInDoubt else { return [] }
        var state = base
        state.items = left
        let note = SourceNote(source: call.name, text: try state.text)
        let contents = zip(lines, call.labels(on: report.context.host)).filter { !$0.0.isEmpty }
        lines = lines.map { _ in [] }
        waitsSince = nil
        isInDoubt = true
        var segments: [Segment] = []
        if !contents.isEmpty {
            segments = try await spool.write(contents, note: note)
        } else if try await spool.note(of: call.name) != note.text {
            try await spool.keep(note)
        }
        isInDoubt = false
        return segments
    }
}
