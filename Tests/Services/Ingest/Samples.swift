import Broker
import Events
import Foundation
import Kit
import Pipelines
import Service
import Spool
import Synchronization
import Telemetry
import Testing

@testable import ingest

/// An ingest's parts over two empty folders.
struct Bench: Sendable {
    let inbox: String
    let spool: Spool
    let publisher = RecordingPublisher()
    let lines = Lines()
    let context: ServiceContext
    let announcements: Announcements
    let watch: FilesWatch

    init(_ path: String, period: Duration = .seconds(5)) {
        let lines = lines
        inbox = path + "/inbox"
        spool = Spool(directory: path + "/spool")
        context = ServiceContext(
            name: "ingest", host: "here",
            log: Log(service: "ingest", form: .json) { lines.add($0) }, metrics: Metrics(),
            publisher: publisher)
        announcements = Announcements(spool: spool, context: context)
        watch = FilesWatch(
            inbox: inbox, spool: spool, announcements: announcements, context: context,
            period: period)
    }

    /// The facts of every segment told of so far.
    var captured: [SegmentCaptured] {
        get throws { try publisher.events(of: .segmentCaptured).map { try $0.payload() } }
    }

    func path(_ name: String) -> String { "\(inbox)/orders/\(name)" }

    func write(_ text: String, _ name: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)))
    }
}

/// Log lines, for tests that read them.
final class Lines: Sendable {
    private let lines = Mutex<[String]>([])

    func add(_ line: String) { lines.withLock { $0.append(line) } }

    func count(of text: String) -> Int {
        lines.withLock { lines in lines.count { $0.contains(text) } }
    }
}

extension AppliedDataset {
    static func sample(
        _ name: String = "orders", patterns: [String] = ["*.csv"], settle: Int = 100,
        path: String = "orders"
    ) -> AppliedDataset {
        AppliedDataset(
            pipeline: "shop", revision: "0123456789ab",
            dataset: Dataset(
                name: name,
                source: .files(
                    FilesSource(path: path, patterns: patterns, settleMilliseconds: settle)),
                format: .csv(CSVFormat()), columns: [Column(name: "id", field: "id", type: .text)],
                transform: nil,
                load: Load(mode: .append, key: [], newestBy: nil), checks: []))
    }
}

/// Runs `body` while an ingest watches `<inbox>/orders`.
func withIngest(
    _ datasets: [AppliedDataset] = [.sample()], period: Duration = .seconds(5),
    _ body: @escaping @Sendable (Bench) async throws -> Void
) async throws {
    try await withFolder { path in
        let bench = Bench(path, period: period)
        await bench.watch.follow(datasets)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await bench.watch.run() }
            try await eventually("the folder is watched") {
                FileManager.default.fileExists(atPath: bench.inbox + "/orders")
            }
            try await body(bench)
            group.cancelAll()
        }
    }
}
