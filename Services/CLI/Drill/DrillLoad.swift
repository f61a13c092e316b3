import Broker
import Events
import Foundation
import Glibc
import Lake
import Lanes
import Spool
import Stack
import Telemetry

/// Sends a drill's files through every door that real ones come through, no faster than they go.
actor DrillLoad {
    /// How much is sent, and how fast at most.
    struct Pace: Sendable {
        /// In each `duration`; nil for as much as goes through.
        var rows: Int?
        var duration: Duration
        /// The most records of one file.
        var fileRows: Int
        /// The most records on their way at once.
        var outstanding = 150_000
    }

    private let pipeline: DrillPipeline
    private let context: StackContext
    private let spool: Spool
    private let publisher: RabbitPublisher
    private let pace: Pace
    private let arrived: @Sendable () -> Int
    private(set) var content: DrillContent
    private var isStopped = false

    /// - Parameter arrived: How many records are known to be through, rejected ones among them.
    init(
        _ pipeline: DrillPipeline, _ context: StackContext, seed: UInt64, _ pace: Pace,
        arrived: @escaping @Sendable () -> Int
    ) throws {
        self.pipeline = pipeline
        self.context = context
        self.pace = pace
        self.arrived = arrived
        content = DrillContent(seed: seed)
        spool = Spool(directory: context.addresses.spool)
        publisher = RabbitPublisher(
            try context.broker(), name: "millrace drill",
            log: Log(service: "drill", threshold: .error), patience: .seconds(2))
    }

    /// Sends until `stop`.
    func run() async throws {
        let publisher = publisher
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await publisher.run() }
            defer { group.cancelAll() }
            let began = ContinuousClock.now
            while !isStopped {
                if isDue(began.duration(to: .now)) { try await send() }
                // Small next to the time that a file takes.
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    /// Sends nothing more.
    func stop() { isStopped = true }

    /// Sends one more small file of each table the quickest way: what lies in the landing zone,
    /// where nobody has told of it, is taken along and does not wait for the lander's sweep.
    ///
    /// - Returns: A record in the last one, to look for in the table.
    func sendLast() async throws -> DrillRow {
        // The tables take turns; the last file is one of clicks.
        for _ in 0..<(content.files.isMultiple(of: 2) ? 2 : 3) {
            try await hand(over: content.next(rows: 200), .inbox)
        }
        guard let row = content.lastGood(.clicks) else {
            preconditionFailure("of 200 records of a file some are good")
        }
        return row
    }

    private func isDue(_ elapsed: Duration) -> Bool {
        guard content.total - arrived() < pace.outstanding else { return false }
        guard let rows = pace.rows else { return true }
        return Double(content.total) < Double(rows) * (elapsed / pace.duration)
    }

    // MARK: Doors

    private enum Door: Sendable {
        /// Dropped into the inbox.
        case inbox
        /// As `millrace put` does it.
        case spool
        /// Put straight into the lake, under the key that an object has.
        case landing
    }

    private func send() async throws {
        let file = content.next(limit: pace.fileRows)
        let doors: [Door] = [.inbox, .spool, .inbox, .landing]
        try await hand(over: file, doors[content.files / 2 % doors.count])
    }

    private func hand(over file: DrillContent.File, _ door: Door) async throws {
        let aside = "\(pipeline.scratch)/\(file.name)"
        try Data(file.bytes).write(to: URL(filePath: aside))
        switch door {
        case .inbox: try move(aside, into: pipeline.inbox, as: file.name)
        case .spool: try await put(file, aside)
        case .landing:
            let key = LakeKeys.landing(
                pipeline.name, file.table.rawValue, at: Date(), id: ULID(), name: file.name)
            let path = URL(filePath: "\(context.folder.lake)/\(key)")
            try move(
                aside, into: path.deletingLastPathComponent().path, as: path.lastPathComponent)
        }
    }

    /// In one step, so that nobody sees half a file.
    private func move(_ path: String, into folder: String, as name: String) throws {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        guard rename(path, "\(folder)/\(name)") == 0 else {
            throw CommandError(
                "cannot move \(name) into \(folder): \(String(cString: strerror(errno)))")
        }
    }

    private func put(_ file: DrillContent.File, _ path: String) async throws {
        let label = SegmentLabel(
            pipeline: pipeline.name, revision: pipeline.revision, dataset: file.table.rawValue,
            host: context.addresses.host, name: file.name, arrivedAt: Date())
        let segment = try await spool.copy(fileAt: path, as: label)
        try FileManager.default.removeItem(atPath: path)
        do {
            try await publisher.publish([try segment.event(from: "/millrace/cli/drill")])
        } catch is BrokerError {
            // The broker is away; ingest finds the segment in the spool and tells of it.
        }
    }
}
