import Events
import Foundation
import Kit
import Outbound
import Testing

@testable import Broker
@testable import Service

@Suite(
    "A service's look at the topology",
    .enabled(if: TestBroker.isAvailable, "\(TestBroker.missing)"), .timeLimit(.minutes(4)))
struct TopologyCheckTests {
    private var api: String { TestBroker.management ?? "" }

    @Test("lets it start when policies are right, and does not end it when one goes later")
    func later() async throws {
        try await withVirtualHost { host in
            let code = try await RunningService.with(host, arguments: ["--broker-api", api]) { _ in
                []
            } _: { service in
                try await eventually(within: .seconds(60)) {
                    try await service.get("/readyz") == "broker: ok\ntopology: ok\n"
                }
                try await host.deletePolicy("millrace.transformer.work")
                try await killConnections(of: host)
                try await eventually(within: .seconds(60)) {
                    try await service.get("/readyz") == "broker: ok\ntopology: ok\n"
                }
            }
            #expect(code == 0)
        }
    }

    @Test("ends it with 1 before its first event when a policy is missing")
    func missing() async throws {
        try await withVirtualHost { host in
            try await host.deletePolicy("millrace.transformer.work")
            try await host.say([try landed("1")])
            let seen = Notebook()
            let code = try await RunningService.with(
                host, arguments: ["--broker-api", api], isStopped: false
            ) { event in
                await seen.write(event.id)
                return []
            } _: { _ in
            }
            #expect(code == 1)
            #expect(await seen.lines == [])
            #expect(try host.ready("transformer") == 1)
        }
    }

    @Test("waits while the management API is away")
    func away() async throws {
        try await withVirtualHost { host in
            let code = try await RunningService.with(
                host, arguments: ["--broker-api", "http://127.0.0.1:1"]
            ) { _ in
                []
            } _: { service in
                try await eventually(within: .seconds(60)) {
                    try await service.get("/readyz").contains("has not been verified yet")
                }
            }
            #expect(code == 0)
        }
    }

    @Test("is not taken where no API is set")
    func unset() async throws {
        try await withVirtualHost { host in
            try await host.deletePolicy("millrace.transformer.work")
            let code = try await RunningService.with(host) { _ in
                []
            } _: { service in
                try await eventually(within: .seconds(60)) {
                    try await service.get("/readyz") == "broker: ok\ntopology: ok\n"
                }
            }
            #expect(code == 0)
        }
    }

    @Test("ends it with 1 when the broker never let it in: wrong password, no such virtual host")
    func refused() async throws {
        try await withVirtualHost { host in
            var parts = try #require(URLComponents(string: host.url))
            parts.password = "wrong"
            let wrong = try #require(parts.string)
            for url in [wrong, host.url + "-is-not-there"] {
                let code = try await RunningService.with(
                    host, arguments: ["--broker-url", url], isStopped: false
                ) { _ in
                    []
                } _: { _ in
                }
                #expect(code == 1, "\(url == wrong ? "password" : "virtual host")")
            }
        }
    }
}

extension TestVirtualHost {
    fileprivate func deletePolicy(_ policy: String) async throws {
        try await api.change(.delete, ["policies", name, policy])
    }
}
