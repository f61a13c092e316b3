import Broker
import Events
import Foundation
import Glibc
import Kit
import Lake
import Pipelines
import Processes
import Synchronization
import Testing

@testable import ingest

/// What was said of due runs, and by which host.
private final class Said: Sendable {
    struct Run: Sendable {
        let id: String
        let host: String
        let due: Date
    }

    private let runs = Mutex<[Run]>([])

    var all: [Run] { runs.withLock { $0 } }
    func of(_ host: String) -> [Run] { all.filter { $0.host == host } }
    func add(_ run: Run) { runs.withLock { $0.append(run) } }
}

@Suite(
    "Two ingests", .enabled(if: TestBroker.isAvailable, "\(TestBroker.missing)"), .serialized,
    .timeLimit(.minutes(5)))
struct TakeoverTests {
    @Test(
        "have one scheduler; when it is killed or stands still, the other says the next due time",
        arguments: [SIGKILL, SIGSTOP])
    func takeover(signal: Int32) async throws {
        try await withVirtualHost { host in
            try await withFolder { path in
                let lake = try LakeAddress.open("file://\(path)/lake")
                try await Self.apply(to: lake)
                let first = try await Self.start("one", path, host.url)
                let second = try await Self.start("two", path, host.url)
                let said = Said()
                try await withConsumer(on: host) { consumer in
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask { try await Self.collect(from: consumer, into: said) }
                        try await eventually { !said.all.isEmpty }
                        let owner = try #require(said.all.first)
                        let other = owner.host == "one" ? "two" : "one"
                        try await eventually { try await Self.last(in: lake) == said.all.last?.due }
                        let child = owner.host == "one" ? first : second
                        kill(child.id, signal)
                        try await eventually { said.of(other).count >= 2 }
                        if signal == SIGSTOP {
                            kill(child.id, SIGCONT)
                            let count = said.of(other).count
                            try await eventually { said.of(other).count > count }
                        }
                        group.cancelAll()
                    }
                }
                _ = await first.stop()
                _ = await second.stop()
                let dues = said.all.map(\.due)
                #expect(Set(said.all.map(\.id)).count == said.all.count, "\(said.all)")
                let steps = zip(dues, dues.dropFirst()).map { $1.timeIntervalSince($0) }
                #expect(steps.allSatisfy { $0 == 10 }, "none is left out: \(said.all)")
            }
        }
    }

    private static func collect(from consumer: RabbitConsumer, into said: Said) async throws {
        while let delivery = await consumer.next() {
            let run = try EventJSON.decode(RunDue.self, from: delivery.message.body)
            guard case .text(let source)? = delivery.message.headers["cloudEvents:source"] else {
                Issue.record("an event without a source")
                return
            }
            said.add(
                Said.Run(
                    id: delivery.message.id, host: String(source.split(separator: "/").last ?? ""),
                    due: run.due))
            await consumer.acknowledge(delivery)
        }
    }

    private static func last(in lake: any ObjectStore) async throws -> Date {
        let bytes = try await lake.get(LakeKeys.scheduleMemory("shop"), limitBytes: 1 << 16)
        return try EventJSON.decode(ScheduleMemory.self, from: bytes).last
    }

    private static func apply(to lake: any ObjectStore) async throws {
        let dataset = Dataset(
            name: "books",
            source: .files(FilesSource(path: "in", patterns: ["*"], settleMilliseconds: 1)),
            format: .jsonLines, columns: [Column(name: "id", field: "id", type: .bigint)],
            transform: nil,
            load: Load(mode: .append, key: [], newestBy: nil), checks: [])
        // Nobody ends the runs here, and none shall be left out.
        let trigger = Trigger(.every(seconds: 10), catchUp: .all, overlap: true)
        _ = try await PipelineCatalog(lake: lake).apply(
            Pipeline(
                name: "shop", description: nil, schema: "shop", parameters: [],
                datasets: [dataset], models: [], trigger: trigger))
    }

    private static func start(
        _ host: String, _ path: String, _ broker: String
    ) async throws -> ChildProcess {
        let programs = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().path
        return try await ChildProcess.start(
            Command(
                programs + "/millrace-ingest",
                [
                    "--lake", "file://\(path)/lake", "--spool", "\(path)/spool-\(host)",
                    "--inbox", "\(path)/inbox-\(host)", "--broker-url", broker, "--host", host,
                ], output: .null, errorOutput: .null))
    }
}
