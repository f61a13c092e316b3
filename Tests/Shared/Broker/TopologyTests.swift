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

    @Test(
        "cannot change what AMQP freezes, and says step by step how it is made anew",
        arguments: [
            "classic", "transient classic", "auto-delete quorum", "quorum x-message-ttl=1000",
            "quorum x-delivery-limit=3", "quorum x-max-length=5", "stream",
        ])
    func frozen(found: String) throws {
        var live = LiveTopology()
        live.queues["millrace.loader.work"] = found
        let difference = try #require(
            topology.differences(from: live).first { $0.subject == "queue millrace.loader.work" })
        #expect(difference.remedy == .replace)
        #expect(difference.live == found && difference.wanted == "quorum")
        #expect(difference.steps.count == 3)
        #expect(difference.migration.contains("topology apply --migrate"))
    }

    @Test("keeps the hosts whose landers have a queue, and never takes one for a service's own")
    func hosts() {
        var live = LiveTopology()
        for name in ["lander.c.example.work", "lander.dead", "loader.work", "lander..work"] {
            live.queues["millrace.\(name)"] = "quorum"
        }
        #expect(live.hosts == ["c.example"])
        let kept = topology.keeping(live.hosts)
        #expect(kept.services.compactMap(\.host) == ["a.example", "b", "c.example"])
    }

    @Test("shows which setting of which queue another's policy takes away")
    func overridden() throws {
        var live = LiveTopology()
        live.policies["greedy"] = Topology.Policy(
            name: "greedy", pattern: "^millrace.loader", target: .all,
            definition: ["delivery-limit": .number(3)], priority: 20)
        live.operatorPolicies = [
            Topology.Policy(
                name: "cap", pattern: ".*", target: .queues,
                definition: ["max-length": .number(5)], priority: 1)
        ]
        let byHand = topology.differences(from: live).filter { $0.remedy == .byHand }
        let limit = try #require(
            byHand.first {
                $0.subject == "queue millrace.loader.work" && $0.wanted.contains("limit")
            })
        #expect(limit.wanted == "delivery-limit 10")
        #expect(limit.live == "delivery-limit 3 by the policy greedy")
        let cap = try #require(byHand.first { $0.subject == "queue millrace.quality.work" })
        #expect(cap.live == "max-length 5 by the policy cap (operator policy)")
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
    .timeLimit(.minutes(5)))
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

    @Test("is different where a policy was changed, in what or how far it holds")
    func policies() async throws {
        try await withVirtualHost { host in
            let api = TopologyAPI(
                .millrace(hosts: ["here"]), over: host.api, virtualHost: host.name)
            for (key, value) in [
                ("priority", FieldValue.number(3)), ("pattern", .text("^other$")),
                ("apply-to", .text("all")), ("definition", .table(["delivery-limit": .number(5)])),
            ] {
                var body: [String: FieldValue] = [
                    "pattern": .text(#"^millrace\.loader\.work$"#), "apply-to": .text("queues"),
                    "priority": .number(10), "definition": .table(["delivery-limit": .number(10)]),
                ]
                body[key] = value
                try await host.api.change(
                    .put, ["policies", host.name, "millrace.loader.work"], body)
                let plan = try await api.plan()
                #expect(plan.map(\.subject) == ["policy millrace.loader.work"], "\(key)")
                #expect(plan.map(\.remedy) == [.change], "\(key)")
                _ = try await api.apply()
                #expect(try await api.plan() == [], "\(key)")
            }
        }
    }

    @Test("is left to a person where an operator's policy or a stronger one holds")
    func overrides() async throws {
        try await withVirtualHost { host in
            let api = TopologyAPI(
                .millrace(hosts: ["here"]), over: host.api, virtualHost: host.name)
            try await host.api.change(
                .put, ["operator-policies", host.name, "cap"],
                [
                    "pattern": .text("^millrace.quality.work$"), "apply-to": .text("queues"),
                    "priority": .number(1), "definition": .table(["max-length": .number(5)]),
                ])
            try await host.api.change(
                .put, ["policies", host.name, "greedy"],
                [
                    "pattern": .text(".*"), "apply-to": .text("exchanges"),
                    "priority": .number(99),
                    "definition": .table(["alternate-exchange": .text("elsewhere")]),
                ])
            let error = await #expect(throws: BrokerError.self) { try await api.apply() }
            #expect(error?.kind == .topology)
            let plan = try await api.plan()
            #expect(plan.allSatisfy { $0.remedy == .byHand })
            let subjects = Set(plan.map(\.subject))
            #expect(
                subjects.isSuperset(of: ["queue millrace.quality.work", "exchange millrace.dlx"]))
        }
    }

    @Test("is made with its virtual host")
    func virtualHost() async throws {
        try await withVirtualHost(hosts: nil) { host in
            try await host.api.deleteVirtualHost(host.name)
            let api = TopologyAPI(
                .millrace(hosts: ["here"]), over: host.api, virtualHost: host.name)
            #expect(try await api.plan().first?.subject == "virtual host \(host.name)")
            _ = try await api.apply()
            #expect(try await api.plan() == [])
        }
    }

    @Test("keeps another host's lander, which this call does not know of")
    func hosts() async throws {
        try await withVirtualHost(hosts: ["here", "there"]) { host in
            let api = TopologyAPI(
                .millrace(hosts: ["here"]), over: host.api, virtualHost: host.name)
            #expect(try await api.plan() == [])
            try await host.api.change(
                .delete, ["policies", host.name, "millrace.lander.there.work"])
            #expect(try await api.plan().map(\.subject) == ["policy millrace.lander.there.work"])
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
