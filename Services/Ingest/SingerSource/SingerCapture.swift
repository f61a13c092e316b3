import Events
import Foundation
import Lanes
import Pipelines
import Service
import Spool
import Synchronization
import Telemetry

/// Takes one run of a tap: a segment for each dataset that it feeds, all of them together with the
/// tap's last state.
struct SingerCapture {
    let parts: ProgramParts
    let report: SourceReport

    /// What the catalog of a tap may have.
    private static let catalogBytes = 64 << 20

    /// - Parameter job: Asked again when the run is over, since the pipeline may have been changed.
    func run(_ job: () async -> ProgramJob) async throws {
        let current = await job()
        guard case .singer(let source)? = current.items.first?.dataset.source else { return }
        let begin = Date()
        let state = try ProgramState(try await parts.spool.note(of: current.name))
        let catalog = try await discover(source, current)
        var segments: [GrowingSegment] = []
        do {
            segments = try await parts.spool.begin(current.items.count)
            let intake = SingerIntake(
                segments, Self.routes(current, catalog), bookmark: state.bookmark)
            let failure = await sync(source, intake, catalog, state.bookmark)
            tell(intake.notices, current)
            let isWhole = failure == nil
            if !isWhole {
                let isOnDisk = !(failure is SpoolError)
                guard isOnDisk, !current.items.contains(where: \.isReplaced) else {
                    throw failure ?? CancellationError()
                }
                try await Lane("singer").run { try intake.rewind() }
            }
            var next = state
            next.bookmark = intake.bookmark
            if isWhole { next.last = begin }
            try await keep(segments, await job(), next)
            if let failure { throw failure }
        } catch {
            try await parts.spool.abandon(segments)
            throw error
        }
    }

    // MARK: The tap

    private func discover(
        _ source: SingerSource, _ job: ProgramJob
    ) async throws -> SingerCatalog? {
        guard source.catalog != .none else { return nil }
        let printed = Mutex(Data())
        try await call(source, { folder in ["--discover"] }) { bytes in
            try printed.withLock { printed in
                printed.append(contentsOf: bytes)
                guard printed.count <= Self.catalogBytes else {
                    throw PollFailure(.permanent, "singer.no_catalog", "its catalog is too large")
                }
            }
        }
        return try SingerCatalog(printed.withLock { $0 }, choosing: Self.wanted(job))
    }

    /// - Returns: Why it failed; nil when it did not.
    private func sync(
        _ source: SingerSource, _ intake: SingerIntake, _ catalog: SingerCatalog?,
        _ bookmark: String?
    ) async -> (any Error)? {
        do {
            try await call(
                source,
                { folder in
                    var arguments: [String] = []
                    if let catalog {
                        let option = source.catalog == .properties ? "--properties" : "--catalog"
                        arguments += [
                            option, try Self.write(catalog.text, "catalog.json", in: folder),
                        ]
                    }
                    if let bookmark {
                        let state = Data(bookmark.utf8)
                        arguments += ["--state", try Self.write(state, "state.json", in: folder)]
                    }
                    return arguments
                }, into: intake.take)
            try await Lane("singer").run { try intake.finish() }
            return nil
        } catch {
            return error
        }
    }

    private func call(
        _ source: SingerSource, _ arguments: @escaping (String) throws -> [String],
        into take: @escaping OutputPump.Take
    ) async throws {
        var writer = SettingText(parts.rules.secrets)
        let config = Data(try writer.text(source.config).utf8)
        let run = ProgramRun(
            program: source.program, rules: parts.rules, log: parts.context.log)
        try await run.run(
            arguments: { folder in
                ["--config", try Self.write(config, "config.json", in: folder)]
                    + (try arguments(folder))
            }, hiding: writer.used, into: take)
    }

    /// Writes a file that only the tap can read, and that goes with its folder.
    private static func write(_ text: Data, _ name: String, in folder: String) throws -> String {
        let path = "\(folder)/\(name)"
        guard
            FileManager.default.createFile(
                atPath: path, contents: text, attributes: [.posixPermissions: 0o600])
        else {
            throw PollFailure(.transient, "program.no_folder", "`\(path)` cannot be written")
        }
        return path
    }

    // MARK: Its streams

    private static func wanted(_ job: ProgramJob) -> [String: [String: SettingValue]] {
        var wanted: [String: [String: SettingValue]] = [:]
        for case .singer(let source) in job.items.map(\.dataset.source) {
            wanted[source.stream, default: [:]].merge(source.metadata) { $1 }
        }
        return wanted
    }

    private static func routes(_ job: ProgramJob, _ catalog: SingerCatalog?) -> [String: [Int]] {
        var routes: [String: [Int]] = [:]
        for (index, item) in job.items.enumerated() {
            guard case .singer(let source) = item.dataset.source else { continue }
            let aliases = catalog?.names.filter { $0.value == source.stream }.map(\.key) ?? []
            for name in Set(aliases + [source.stream]) { routes[name, default: []].append(index) }
        }
        return routes
    }

    // MARK: What came of it

    private func keep(
        _ segments: [GrowingSegment], _ job: ProgramJob, _ state: ProgramState
    ) async throws {
        let spool = parts.spool
        var state = state
        var kept: [(GrowingSegment, SegmentLabel)] = []
        for (segment, item) in zip(segments, job.items) {
            if try await state.isNew(segment, of: item, in: spool) {
                kept.append((segment, item.label(parts.context.host)))
            } else {
                try await spool.abandon([segment])
            }
        }
        let note = SourceNote(source: job.name, text: try state.text)
        guard !kept.isEmpty else { return try await spool.keep(note) }
        let captured = try await spool.commit(kept, note: note)
        for segment in captured { report.captured(segment.facts) }
        await parts.announcements.announce(captured)
    }

    private func tell(_ notices: SingerIntake.Notices, _ job: ProgramJob) {
        guard let item = job.items.first else { return }
        if notices.strange > 0 {
            report.noticed(item, "lines of a tap are no messages", count: notices.strange)
        }
        if notices.badStates > 0 {
            report.noticed(item, "states of a tap are no JSON", count: notices.badStates)
        }
        if notices.unwanted > 0 {
            report.noticed(item, "records of streams not asked for", count: notices.unwanted)
        }
        for (type, count) in notices.ignored.sorted(by: { $0.key < $1.key }) {
            report.noticed(item, "messages of a tap ignored", count: count, ["type": type])
        }
    }
}
