import Kit
import Telemetry
import Testing

@testable import Broker

@Suite(
    "The lease", .enabled(if: TestBroker.isAvailable, "\(TestBroker.missing)"),
    .timeLimit(.minutes(5)))
struct BrokerLeaseTests {
    private static func lease(_ address: BrokerAddress) -> BrokerLease {
        BrokerLease(
            address, name: "test lease", log: Log(service: "test", threshold: .error),
            metrics: Metrics())
    }

    @Test("has one holder, and the next one when that ends")
    func handover() async throws {
        try await withVirtualHost { host in
            let (first, second) = (Self.lease(host.address), Self.lease(host.address))
            try await withThrowingTaskGroup(of: Void.self) { group in
                let holder = Task { await first.run() }
                try await eventually { await first.isHeld() }
                group.addTask { await second.run() }
                for _ in 0..<20 {
                    #expect(await second.isHeld() == false)
                    #expect(await first.isHeld())
                }
                holder.cancel()
                try await eventually { await second.isHeld() }
                #expect(await first.isHeld() == false)
                group.cancelAll()
            }
        }
    }

    @Test("goes to the next when the holder stands still, and the holder learns of it")
    func frozen() async throws {
        try await withVirtualHost { host in
            let proxy = try TCPProxy(to: host.address.port)
            let first = Self.lease(try host.address(over: proxy))
            let second = Self.lease(host.address)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await first.run() }
                try await eventually { await first.isHeld() }
                group.addTask { await second.run() }
                proxy.become(.stalled)
                try await eventually { await second.isHeld() }
                proxy.become(.fine)
                try await eventually { await first.isHeld() == false }
                #expect(await second.isHeld())
                group.cancelAll()
            }
            proxy.close()
        }
    }

    @Test("survives a broken connection, and the queue made anew")
    func recovery() async throws {
        try await withVirtualHost { host in
            let lease = Self.lease(host.address)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await lease.run() }
                try await eventually { await lease.isHeld() }
                try await killConnections(of: host)
                try await eventually { await lease.isHeld() }
                group.cancelAll()
            }
        }
    }
}
