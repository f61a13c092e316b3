import Events
import Foundation
import Glibc
import Stack
import Testing

@testable import Broker
@testable import Kit
@testable import Service

@Suite(
    "A service whose broker freezes",
    .enabled(if: TestBroker.isAvailable, "\(TestBroker.missing)"), .timeLimit(.minutes(8)))
struct FrozenBrokerTests {
    /// Seconds; `MILLRACE_TEST_FREEZE=75` asks for one that outlasts heartbeats and patience.
    private static let length =
        ProcessInfo.processInfo.environment["MILLRACE_TEST_FREEZE"].flatMap { Int($0) } ?? 5

    @Test("goes on when it thaws: nothing is lost, set aside or charged")
    func thaws() async throws {
        try await Self.withBroker { host, node in
            let code = try await RunningService.with(host) { event in
                try await Task.sleep(for: .milliseconds(20))
                return [try transformed(after: event)]
            } _: { service in
                try await host.say(try (0..<400).map { try landed("\($0)") })
                try await eventually(within: .seconds(60)) { try host.ready("loader") > 10 }
                node.signalAlone(SIGSTOP)
                // The length of the fault, not a wait for something.
                try await Task.sleep(for: .seconds(Self.length))
                node.signalAlone(SIGCONT)
                try await eventually(within: .seconds(180), "all is handled") {
                    let isEmpty = (try? host.ready("transformer")) == 0
                    return try isEmpty && host.ready("loader") >= 400
                }
                let metrics = try await service.get("/metrics")
                #expect(!metrics.contains("millrace_events_retried_total"))
            }
            #expect(code == 0)
            #expect(Set(try host.ids(in: "millrace.loader.work")).count == 400)
            #expect(try await host.deadLetters.list() == [])
        }
    }

    @Test("ends when it is asked to while the broker stands still")
    func stops() async throws {
        try await Self.withBroker { host, node in
            try await host.say([try landed("1")])
            await #expect(processExitsWith: .exitCode(1)) {
                [url = host.url as String, id = node.id as Int32] in
                exit(
                    try await RunningService.alone(url, ["--stop-limit", "1"]) { event in
                        kill(id, SIGSTOP)
                        kill(getpid(), SIGTERM)
                        return [try transformed(after: event)]
                    })
            }
            node.signalAlone(SIGCONT)
            try await eventually(within: .seconds(120), "the event or its answer is there") {
                let waiting = (try? host.ready("transformer")) ?? 0
                return try waiting == 1 || host.ready("loader") == 1
            }
        }
    }

    /// A node of this test's own, with the topology.
    private static func withBroker(
        _ body: @Sendable (TestVirtualHost, ProcessIdentity) async throws -> Void
    ) async throws {
        try await withFolder { folder in
            let ports = try Port.free(PrivateBroker.portNames.count)
            let settings = PrivateBroker.Settings(
                folder: folder + "/broker", log: folder + "/broker.log",
                ports: Dictionary(uniqueKeysWithValues: zip(PrivateBroker.portNames, ports)),
                password: PrivateBroker.user, freeDiskBytes: 50_000_000)
            let broker = try await PrivateBroker.start(settings)
            let outcome = await Result { try await run(broker, body) }
            broker.processes.first?.signalAlone(SIGCONT)
            await broker.kill()
            try outcome.get()
        }
    }

    private static func run(
        _ broker: PrivateBroker, _ body: (TestVirtualHost, ProcessIdentity) async throws -> Void
    ) async throws {
        let user = PrivateBroker.user
        let url = broker.url.replacing("\(user)@", with: "\(user):\(user)@")
        let address = try BrokerAddress(url: url)
        let api = ManagementAPI(url: broker.api, as: address)
        let host = TestVirtualHost(address: address, api: api, url: url)
        let topology = TopologyAPI(
            Topology.millrace(hosts: ["here"]), over: api, virtualHost: host.name)
        // Its management answers before it knows of queues.
        try await eventually(within: .seconds(60), "the topology is there") {
            (try? await topology.apply()) != nil
        }
        try await body(host, try #require(broker.processes.first))
    }
}

extension Result where Failure == any Error {
    /// What an asynchronous call gives or throws.
    fileprivate init(_ body: () async throws -> Success) async {
        do {
            self = .success(try await body())
        } catch {
            self = .failure(error)
        }
    }
}
