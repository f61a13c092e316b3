import Events
import Foundation
import Glibc
import Postgres
import Stack
import Synchronization
import Testing

/// A supervisor in this process: its events, and the way to stop it.
private struct Supervised: Sendable {
    let supervisor: Supervisor
    let events: AsyncStream<StackEvent>
    let stop: @Sendable () -> Void
    private let stops: AsyncStream<Int32>

    init(_ folder: String, parts: Set<StackPart>) throws {
        let (stops, stopping) = AsyncStream.makeStream(of: Int32.self)
        let (events, telling) = AsyncStream.makeStream(of: StackEvent.self)
        let plan = StackPlan(folder: StackFolder(folder), parts: parts, environment: [:])
        supervisor = try #require(
            try Supervisor.takeCharge(plan, report: { telling.yield($0) }, writeLine: { _ in }))
        self.events = events
        self.stops = stops
        stop = { stopping.yield(SIGTERM) }
    }

    /// Runs the stack around `body`, which is called once it is up.
    func around(_ body: @escaping @Sendable (StackAddresses) async throws -> Void) async throws {
        try await withThrowingTaskGroup { group in
            group.addTask { try await supervisor.run(until: stops) }
            group.addTask {
                defer { stop() }
                try await body(try await up())
            }
            try await group.waitForAll()
        }
    }

    /// Waits for an event.
    func event(_ isWanted: (StackEvent) -> Bool) async throws -> StackEvent {
        for await event in events where isWanted(event) { return event }
        throw CancellationError()
    }

    private func up() async throws -> StackAddresses {
        for await event in events {
            if case .up(let addresses) = event { return addresses }
        }
        throw CancellationError()
    }
}

@Suite(
    "A supervisor", .serialized, .timeLimit(.minutes(5)),
    .enabled(if: hasServers, "no RabbitMQ or PostgreSQL on this host"))
struct SupervisorTests {
    @Test("starts a killed part again, where it was and with what it had")
    func restart() async throws {
        try await withStackFolder { folder in
            let stack = try Supervised(folder, parts: [.warehouse])
            try await stack.around { addresses in
                try await query(addresses, "create table kept as select 1 as one")
                let part = try #require(try state(folder).parts["warehouse"])
                kill(part.processes[0].id, SIGKILL)
                _ = try await stack.event { if case .ended = $0 { true } else { false } }
                #expect(try await answer(addresses, "select one from kept") == 1)
                let after = try #require(try state(folder).parts["warehouse"])
                #expect(after.restarts == 1)
                #expect(after.processes != part.processes)
            }
            #expect(try RunningStack(StackFolder(folder)).state() == nil)
        }
    }

    @Test("leaves a part down while it is held, and no longer")
    func held() async throws {
        try await withStackFolder { folder in
            let stack = try Supervised(folder, parts: [.warehouse])
            try await stack.around { addresses in
                let hold = StackHold(.warehouse, in: StackFolder(folder))
                try hold.place(for: .seconds(60))
                let before = try #require(try state(folder).parts["warehouse"]?.processes.first)
                before.signal(SIGKILL)
                _ = try await stack.event { if case .ended = $0 { true } else { false } }
                try await Task.sleep(for: .seconds(2))
                #expect(try state(folder).parts["warehouse"]?.condition == .restarting)
                try hold.lift()
                try hold.lift()
                #expect(try await answer(addresses, "select 1 as one") == 1)
            }
        }
    }

    @Test("has its folder for itself")
    func alone() async throws {
        try await withStackFolder { folder in
            let plan = StackPlan(folder: StackFolder(folder), parts: [.warehouse], environment: [:])
            let first = try Supervisor.takeCharge(plan, report: { _ in }, writeLine: { _ in })
            #expect(first != nil)
            let second = try Supervisor.takeCharge(plan, report: { _ in }, writeLine: { _ in })
            #expect(second == nil)
        }
    }

    @Test("runs beside another one, and stopping one leaves the other alone")
    func sideBySide() async throws {
        try await withStackFolder { folder in
            let first = try Supervised(folder + "/a", parts: [.broker, .warehouse])
            let second = try Supervised(folder + "/b", parts: [.broker, .warehouse])
            try await first.around { firstAddresses in
                try await second.around { secondAddresses in
                    #expect(firstAddresses.brokerURL != secondAddresses.brokerURL)
                    #expect(firstAddresses.warehouseURL != secondAddresses.warehouseURL)
                    try await query(firstAddresses, "create table mine as select 1 as one")
                }
                #expect(try await answer(firstAddresses, "select one from mine") == 1)
            }
            for name in ["a", "b"] {
                let path = StackFolder("\(folder)/\(name)").ports
                let ports = try JSONDecoder().decode(
                    [String: Int].self, from: Data(contentsOf: URL(filePath: path)))
                #expect(ports.count == 6)
                #expect(ports.values.allSatisfy { Port.isFree($0) })
            }
        }
    }

    @Test("keeps its ports for the next start")
    func ports() async throws {
        try await withStackFolder { folder in
            let urls = Mutex<[String]>([])
            for _ in 0..<2 {
                try await Supervised(folder, parts: [.warehouse]).around { addresses in
                    urls.withLock { $0.append(addresses.warehouseURL) }
                }
            }
            #expect(Set(urls.withLock(\.self)).count == 1)
        }
    }

    private func state(_ folder: String) throws -> StackState {
        try #require(try RunningStack(StackFolder(folder)).state())
    }

    private func query(_ addresses: StackAddresses, _ sql: String) async throws {
        let pool = PostgresPool(try addresses.warehouse([:]), size: 1, applicationName: "test")
        _ = try await pool.query(sql)
    }

    /// The first value that the warehouse gives, as soon as it is back.
    private func answer(_ addresses: StackAddresses, _ sql: String) async throws -> Int? {
        let pool = PostgresPool(try addresses.warehouse([:]), size: 1, applicationName: "test")
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(20)
        while clock.now < deadline {
            do {
                return try await pool.query(sql).first?.values.first.flatMap { $0 }.flatMap(
                    Int.init)
            } catch let error as PostgresError where error.disposition == .transient {
                try await Task.sleep(for: .milliseconds(50))
            }
        }
        return nil
    }
}
