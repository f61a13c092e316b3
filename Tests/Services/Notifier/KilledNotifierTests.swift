import Broker
import Events
import Foundation
import HTTPServer
import Kit
import Outbound
import Postgres
import Processes
import Stack
import Telemetry
import Testing
import Warehouse

@testable import notifier

/// The real program, killed and started again.
@Suite(
    "A notifier that is killed again and again", .timeLimit(.minutes(30)),
    .enabled(
        if: TestWarehouse.isAvailable && TestBroker.isAvailable, "needs a warehouse and a broker"))
struct KilledNotifierTests {
    /// `make test-notify` asks for the large number.
    private static let isLarge =
        ProcessInfo.processInfo.environment["MILLRACE_TEST_NOTIFIER"] == "1"
    private static let alerts = isLarge ? 5000 : 150
    private static let paths = ["/a", "/b", "/c", "/d"]

    @Test("tells each subscriber of each alert, once, and loses none")
    func killed() async throws {
        try await NotifierBench.with(notifiers: 0) { bench in
            for path in Self.paths {
                _ = try await bench.subscriptions.create(
                    topic: "*", channel: .webhook, target: bench.receiver.url(path))
            }
            let database = try await bench.row("select current_database() as name")
            let name = try #require(database?["name"])
            try await withVirtualHost { host in
                let command = try Self.command(host, database: name)
                try await withThrowingTaskGroup(of: Int.self) { group in
                    group.addTask { try await Self.killing(command, bench.receiver) }
                    try await Self.publish(host)
                    let want = Self.alerts * Self.paths.count
                    try await eventually(within: .seconds(Self.isLarge ? 1500 : 240)) {
                        try await bench.states().count { $0 == "sent" } >= want
                    }
                    group.cancelAll()
                    let kills = try await group.next() ?? 0
                    #expect(kills > 2)
                    try Self.check(bench.receiver.requests, kills: kills)
                    #expect(try await bench.states() == Array(repeating: "sent", count: want))
                }
            }
        }
    }

    private static func check(_ requests: [HTTPServerRequest], kills: Int) throws {
        struct Body: Decodable {
            struct Data: Decodable { let title: String }
            let data: Data
        }
        for path in paths {
            // The receiver's own rule: an id that it has had is not news.
            var ids: Set<String> = []
            let all = requests.filter { $0.path == path }
            let news = all.filter { ids.insert($0.headers["webhook-id"] ?? "").inserted }
            let titles = try news.map {
                try JSONDecoder().decode(Body.self, from: $0.body).data.title
            }
            #expect(Set(titles).count == alerts, "some are lost on \(path)")
            #expect(titles.count == alerts, "some came twice on \(path)")
            // Each kill leaves at most one attempt of a subscription without its end.
            #expect(all.count <= alerts + kills, "\(all.count) requests on \(path)")
        }
    }

    private static func publish(_ host: TestVirtualHost) async throws {
        try await RabbitPublisher.with(
            host.address, name: "test", log: Log(service: "test", threshold: .error)
        ) { publisher in
            let events = try (0..<alerts).map { number in
                let alert = AlertRaised(
                    key: "k\(number)", topic: "check_failed", severity: .warning,
                    pipeline: "goodreads", dataset: "d\(number)", batch: nil,
                    title: "alert \(number)", detail: "", command: nil)
                return try Event(alert, id: "a\(number)", from: "/millrace/test/here")
            }
            try await publisher.publish(events)
        }
    }

    /// Starts the program again and again, and kills it, until it is cancelled: a second later, or
    /// of few alerts, which a second may be enough for, when it has told some.
    ///
    /// - Returns: How often it was killed.
    private static func killing(_ command: Command, _ receiver: Receiver) async throws -> Int {
        var kills = 0
        while !Task.isCancelled {
            let child = try await ChildProcess.start(command)
            do {
                if isLarge {
                    try await Task.sleep(for: .seconds(1))
                } else {
                    let some = receiver.requests.count + 60
                    while receiver.requests.count < some {
                        try await Task.sleep(for: .milliseconds(5))
                    }
                }
                child.signal(SIGKILL)
                _ = try await child.wait()
                kills += 1
            } catch {
                child.signal(SIGKILL)
                _ = await child.stop()
            }
        }
        return kills
    }

    private static func command(
        _ host: TestVirtualHost, database: String
    ) throws -> Command {
        var url = try #require(TestWarehouse.url.flatMap { URLComponents(string: $0) })
        url.path = "/" + database
        let programs =
            ProcessInfo.processInfo.environment["MILLRACE_TEST_PROGRAMS"]
            ?? URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().path
        return Command(
            programs + "/millrace-notifier",
            environment: ProcessInfo.processInfo.environment.merging([
                "MILLRACE_BROKER_URL": host.url, "MILLRACE_WAREHOUSE_URL": url.string ?? "",
                "MILLRACE_WEBHOOK_ALLOW": "127.0.0.0/8", "MILLRACE_LOG_LEVEL": "error",
                // Each alert by itself: with so many at once there would be digests.
                "MILLRACE_GROUP_WAIT": "0", "MILLRACE_GROUP_INTERVAL": "0",
            ]) { $1 },
            output: .null, errorOutput: .inherit)
    }
}
