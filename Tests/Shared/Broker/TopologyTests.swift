import Events
import Kit
import Outbound
import Testing

@testable import Broker

@Suite("The topology")
struct TopologyTests {
    private let topology = Topology.millrace(hosts: ["a.example", "b"])

    @Test("wants everything of an empty broker, policies and dead queues first")
    func empty() throws {
        let differences = topology.differences(from: LiveTopology())
        let wanted =
            topology.exchanges.count + topology.policies.count + topology.queues.count
            + topology.bindings.count
        #expect(differences.count == wanted)
        #expect(differences.allSatisfy { $0.remedy == .create && $0.live == nil })
        let subjects = differences.map(\.subject)
        let policy = try #require(subjects.firstIndex(of: "policy millrace.loader.work"))
        let dead = try #require(subjects.firstIndex(of: "queue millrace.loader.dead"))
        let work = try #require(subjects.firstIndex(of: "queue millrace.loader.work"))
        #expect(policy < dead && dead < work)
    }

    @Test("has one lander queue for each host and one queue for each other service")
    func queues() {
        #expect(topology.queues.contains("millrace.lander.a.example.work"))
        #expect(topology.queues.contains("millrace.lander.b.work"))
        #expect(topology.queues.contains("millrace.notifier.work"))
        #expect(!topology.queues.contains { $0.contains("ingest") })
    }

    @Test("has one dead queue for each service, however many hosts there are")
    func dead() {
        let dead = topology.queues.filter { $0.hasSuffix(".dead") }
        #expect(dead.count == Set(dead).count)
        #expect(dead.sorted() == ServiceQueues.services.map(ServiceQueues.dead).sorted())
        let keys = topology.bindings.filter { $0.queue == "millrace.lander.dead" }.map(\.key)
        #expect(keys == ["millrace.lander.a.example.work", "millrace.lander.b.work"])
    }

    @Test("lays exactly one policy over each queue")
    func policies() throws {
        for queue in topology.queues {
            let matching = try topology.policies.filter {
                try $0.target == .queues && queue.firstMatch(of: Regex($0.pattern)) != nil
            }
            #expect(matching.count == 1, "\(queue) has \(matching.map(\.name))")
        }
    }

    @Test("cannot change the type of a queue, and says what a person must do")
    func classic() throws {
        var live = LiveTopology()
        live.queues["millrace.loader.work"] = "classic"
        let difference = try #require(
            topology.differences(from: live).first { $0.subject == "queue millrace.loader.work" })
        #expect(difference.remedy == .replace)
        #expect(difference.migration.contains("delete it by hand"))
    }

    @Test(
        "knows which events would be lost work without a reader",
        arguments: [
            (EventKind.objectLanded, true), (.batchPublished, true), (.alertResolved, true),
            (.deliverySent, false), (EventKind(rawValue: "objects.landed"), false),
        ])
    func readers(kind: EventKind, expected: Bool) {
        #expect(ServiceQueues.haveReader(for: kind) == expected)
    }
}

@Suite(
    "The topology on a broker", .enabled(if: TestBroker.isAvailable, "\(TestBroker.missing)"),
    .timeLimit(.minutes(1)))
struct TopologyAPITests {
    @Test("is planned, applied, verified, and found wanting when a policy is gone")
    func life() async throws {
        try await withVirtualHost(hosts: nil) { host in
            let topology = Topology.millrace(hosts: ["here"])
            let api = TopologyAPI(topology, over: host.api, virtualHost: host.name)
            #expect(try await api.plan().count > 50)
            await #expect(throws: BrokerError.self) { try await api.verify() }
            _ = try await api.apply()
            #expect(try await api.plan() == [])
            try await api.verify()

            try await host.api.change(.delete, ["policies", host.name, "millrace.loader.work"])
            let plan = try await api.plan()
            #expect(plan.map(\.subject) == ["policy millrace.loader.work"])
            #expect(plan.first?.remedy == .create)
            _ = try await api.apply()
            #expect(try await api.plan() == [])
        }
    }

    @Test("loses bindings that no release wants any more")
    func strays() async throws {
        try await withVirtualHost { host in
            let queue = "millrace.loader.work"
            try await host.api.change(
                .post, ["bindings", host.name, "e", Topology.events, "q", queue],
                ["routing_key": .text("object.lost.#")])
            let api = TopologyAPI(
                .millrace(hosts: ["here"]), over: host.api, virtualHost: host.name)
            #expect(try await api.apply().map(\.remedy) == [.remove])
            #expect(try await api.plan() == [])
        }
    }
}
