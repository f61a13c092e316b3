import Events
import Kit
import Outbound
import Testing

@testable import Broker

@Suite(
    "What a service needs of the topology",
    .enabled(if: TestBroker.isAvailable, "\(TestBroker.missing)"), .timeLimit(.minutes(4)))
struct TopologyFaultTests {
    @Test("is named with queue, setting, wanted, found and the command when it is missing")
    func pointed() async throws {
        try await withVirtualHost { host in
            let api = TopologyAPI(
                .millrace(hosts: ["here"]), over: host.api, virtualHost: host.name)
            for service in BrokerUser.all(in: host.name).map(\.service) {
                try await api.verify(for: service, on: "here")
            }
            try await host.api.put(
                Topology.Policy(
                    name: "millrace.loader.work", pattern: #"^millrace\.loader\.work$"#,
                    target: .queues, definition: ["delivery-limit": .number(3)]),
                in: host.name)
            let error = try #require(
                await #expect(throws: BrokerError.self) {
                    try await api.verify(for: "loader", on: "here")
                })
            #expect(error.kind == .topology)
            for word in [
                "queue millrace.loader.work", "dead-letter-exchange not set",
                "wanted dead-letter-exchange millrace.dlx", "millrace topology apply",
            ] {
                #expect(error.reason.contains(word), "\(error.reason)")
            }
            try await api.verify(for: "quality", on: "here")
        }
    }

    @Test("is not there where an exchange's net, a dead queue's binding or a delay is gone")
    func gone() async throws {
        try await withVirtualHost { host in
            let api = TopologyAPI(
                .millrace(hosts: ["here"]), over: host.api, virtualHost: host.name)
            let dead = "millrace.loader.dead"
            for path in [
                ["policies", host.name, "millrace.exchanges"],
                ["policies", host.name, "millrace.delay.15s"],
                ["policies", host.name, "millrace.dead"], ["queues", host.name, dead],
                ["exchanges", host.name, "millrace.delay.60s"],
                [
                    "bindings", host.name, "e", Topology.deadLetters, "q", dead,
                    "millrace.loader.work",
                ],
            ] {
                try await host.api.change(.delete, path)
                await #expect(throws: BrokerError.self, "\(path)") {
                    try await api.verify(for: "loader", on: "here")
                }
                _ = try await api.apply()
                try await api.verify(for: "loader", on: "here")
            }
        }
    }

    @Test("may break without a dead letter being lost: unbound and wrongly bound ones wait aside")
    func deadLetters() async throws {
        try await withVirtualHost { host in
            let api = TopologyAPI(
                .millrace(hosts: ["here"]), over: host.api, virtualHost: host.name)
            let (dead, work) = ("millrace.transformer.dead", "millrace.transformer.work")
            let binding = Topology.Binding(exchange: Topology.deadLetters, queue: dead, key: work)
            try await host.api.unbind(binding, key: work, in: host.name)
            try await host.api.bind(
                Topology.Binding(exchange: Topology.deadLetters, queue: dead, key: "wrong"),
                in: host.name)
            #expect(Set(try await api.plan().map(\.remedy)) == [.create, .remove])

            // As the broker does it after a crash loop, and as a service does it.
            try await RabbitPublisher.with(host.address, name: "test", log: quiet) { publisher in
                try await publisher.publish([try landed("1")])
                try await publisher.post([
                    Posting(
                        CloudEvent.message(for: try landed("2")), to: Topology.deadLetters,
                        routingKey: work)
                ])
            }
            let connection = try RabbitConnection(host.address, name: "test")
            let arrival = try #require(try connection.get(work))
            try connection.reject(arrival.tag, requeue: false)
            try await eventually(within: .seconds(60)) {
                try connection.check(queue: Topology.unrouted) == 2
            }
            _ = try await api.apply()
            #expect(try await api.plan() == [])
            try await RabbitPublisher.with(host.address, name: "test", log: quiet) { publisher in
                try await publisher.post([
                    Posting(
                        CloudEvent.message(for: try landed("3")), to: Topology.deadLetters,
                        routingKey: work)
                ])
            }
            try await eventually(within: .seconds(60)) { try connection.check(queue: dead) == 1 }
        }
    }
}
