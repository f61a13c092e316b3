import Events
import Foundation
import Kit
import Outbound
import Synchronization
import Testing

@testable import Broker

/// Passwords in memory.
final class RememberedPasswords: BrokerPasswords {
    private let passwords = Mutex<[String: String]>([:])

    func password(of user: String) -> String? { passwords.withLock { $0[user] } }
    func makePassword(of user: String) -> String {
        let password = UUID().uuidString
        passwords.withLock { $0[user] = password }
        return password
    }
    func place(of user: String) -> String { "memory of \(user)" }
    func forget(_ user: String) { passwords.withLock { $0[user] = nil } }
}

/// Runs `body` in a virtual host whose services have users, which are removed afterwards.
private func withUsers(
    _ body: (TestVirtualHost, TopologyAPI, RememberedPasswords) async throws -> Void
) async throws {
    try await withVirtualHost { host in
        let passwords = RememberedPasswords()
        let api = TopologyAPI(
            .millrace(hosts: ["here"]), over: host.api, virtualHost: host.name,
            passwords: passwords)
        _ = try await api.apply()
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body(host, api, passwords))
        } catch {
            outcome = .failure(error)
        }
        for user in BrokerUser.all(in: host.name) { try await host.api.deleteUser(user.name) }
        try outcome.get()
    }
}

extension TestVirtualHost {
    fileprivate func address(
        of service: String, _ passwords: RememberedPasswords
    ) throws -> BrokerAddress {
        let user = BrokerUser.name(of: service, in: name)
        return address.with(user: user, password: try #require(passwords.password(of: user)))
    }
}

@Suite("A service's broker user")
struct BrokerUserTests {
    @Test("is named after the virtual host, so that several share one broker")
    func names() {
        #expect(BrokerUser.name(of: "loader", in: "staging") == "staging-loader")
        #expect(BrokerUser.name(of: "loader", in: "/") == "millrace-loader")
        #expect(
            BrokerUser.all(in: "x").map(\.service)
                == ["ingest", "lander", "loader", "notifier", "quality", "transformer"])
    }

    @Test("may read its own queues and post where failures go, as far as the names say")
    func patterns() throws {
        let topology = Topology.millrace(hosts: ["a.example"])
        for user in BrokerUser.all(in: "v") {
            func matching(_ pattern: String, _ names: [String]) -> [String] {
                names.filter { $0.range(of: pattern, options: .regularExpression) != nil }
            }
            let readable = matching(user.permission.read, topology.queues)
            let writable = matching(user.permission.write, topology.exchanges.map(\.name))
            switch user.service {
            case "ingest":
                #expect(readable == ["millrace.schedule"] && writable == ["millrace.events"])
            case "lander": #expect(readable == ["millrace.lander.a.example.work"])
            case "notifier":
                #expect(readable.filter { $0.hasSuffix(".dead") }.count == 5)
                #expect(readable.filter { $0.hasSuffix(".work") } == ["millrace.notifier.work"])
                #expect(readable.contains("millrace.unrouted"))
            default: #expect(readable == ["millrace.\(user.service).work"])
            }
            #expect(
                !writable.contains("millrace.direct") && !writable.contains("millrace.unrouted"))
            #expect(user.service == "ingest" || writable.count == 2 + DelayLevel.all.count)
            #expect(user.permission.configure == "^$")
        }
    }
}

@Suite(
    "A service's user on a broker", .enabled(if: TestBroker.isAvailable, "\(TestBroker.missing)"),
    .timeLimit(.minutes(5)))
struct BrokerUserRightsTests {
    @Test("does its own work: looks, consumes, posts events, retries and dead letters")
    func own() async throws {
        try await withUsers { host, _, passwords in
            let queues = try #require(ServiceQueues.of("loader", host: "here"))
            let address = try host.address(of: "loader", passwords)
            let connection = try RabbitConnection(address, name: "test")
            for exchange in Topology.millrace(hosts: []).exchanges {
                try connection.check(exchange: exchange)
            }
            _ = try connection.check(queue: queues.dead)
            _ = try connection.consume(queues.work, prefetch: 1)
            try await RabbitPublisher.with(address, name: "test", log: quiet) { publisher in
                let message = CloudEvent.message(for: try landed("1"))
                try await publisher.publish([try landed("1")])
                try await publisher.post([
                    Posting(message, to: "millrace.delay.120s", routingKey: queues.work),
                    Posting(message, to: Topology.deadLetters, routingKey: queues.work),
                ])
            }
        }
    }

    @Test("is refused what is not its work", arguments: ["loader", "notifier", "ingest"])
    func others(service: String) async throws {
        try await withUsers { host, _, passwords in
            let address = try host.address(of: service, passwords)
            func isRefused(_ body: (RabbitConnection) throws -> Void) throws -> Bool {
                let connection = try RabbitConnection(address, name: "test")
                do {
                    try body(connection)
                    return false
                } catch let error as BrokerError {
                    return error.kind == .refused && error.replyCode == 403
                }
            }
            for queue in [
                "millrace.quality.work", "millrace.delay.1s", "millrace.lander.here.work",
            ] {
                #expect(try isRefused { _ = try $0.consume(queue, prefetch: 1) }, "\(queue)")
                #expect(try isRefused { _ = try $0.get(queue) }, "\(queue)")
            }
            #expect(
                try isRefused { _ = try $0.get("millrace.quality.dead") } == (service != "notifier")
            )
            for exchange in [Topology.direct, Topology.unrouted, "", "amq.topic"] {
                #expect(try isRefused { try $0.postAndListen(to: exchange) }, "\(exchange)")
            }
            if service == "ingest" {
                #expect(try isRefused { try $0.postAndListen(to: Topology.deadLetters) })
            }
            let mine = ManagementAPI(url: try #require(TestBroker.management), as: address)
            for attempt in [
                { try await mine.declare(queue: "millrace.mine", in: host.name) },
                { try await mine.change(.delete, ["queues", host.name, "millrace.loader.work"]) },
                { try await mine.change(.delete, ["policies", host.name, "millrace.dead"]) },
                { try await mine.putUser("intruder", password: "x") },
                { try await mine.createVirtualHost("intruded") },
            ] {
                let error = await #expect(throws: BrokerError.self) { try await attempt() }
                #expect(
                    error?.kind == .refused || error?.replyCode == 400,
                    "\(String(describing: error))")
            }
        }
    }

    @Test("is compared: account, password, tags and rights, and mended")
    func mended() async throws {
        try await withUsers { host, api, passwords in
            #expect(try await api.plan() == [])
            let user = BrokerUser.name(of: "loader", in: host.name)
            try await host.api.putPermissions(
                of: user, in: host.name, configure: ".*", write: ".*", read: ".*")
            try await host.api.putUser(user, password: "other", tags: ["administrator"])
            let plan = try await api.plan()
            #expect(
                plan.map(\.subject) == ["user \(user)", "password of \(user)", "rights of \(user)"])
            #expect(plan.allSatisfy { $0.remedy == .change })
            let secret = try #require(passwords.password(of: user))
            #expect(!"\(plan)".contains(secret))
            _ = try await api.apply()
            #expect(try await api.plan() == [])
            _ = try RabbitConnection(try host.address(of: "loader", passwords), name: "test")

            passwords.forget(user)
            #expect(try await api.plan().map(\.live) == ["unknown here"])
            _ = try await api.apply()
            _ = try RabbitConnection(try host.address(of: "loader", passwords), name: "test")
            try await host.api.deleteUser(user)
            #expect(try await api.plan().map(\.remedy) == [.create, .create])
            let blind = TopologyAPI(
                .millrace(hosts: ["here"]), over: host.api, virtualHost: host.name)
            let error = await #expect(throws: BrokerError.self) { try await blind.apply() }
            #expect(error?.reason.contains("--passwords") == true)
            _ = try await api.apply()
            try await api.verify()
        }
    }

    @Test("is not asked for where all services share the operator's")
    func shared() async throws {
        try await withVirtualHost { host in
            let api = TopologyAPI(
                .millrace(hosts: ["here"]), over: host.api, virtualHost: host.name)
            let plan = try await api.plan()
            #expect(plan.isEmpty)
        }
    }
}

@Suite("The guest user")
struct GuestTests {
    @Test("is advice for a person as long as it may use the virtual host")
    func guest() throws {
        var live = LiveUsers()
        live.users["guest"] = LiveUsers.User(tags: ["administrator"], hash: "", algorithm: "")
        let differences = UserDifferences(virtualHost: "v", live: live, passwords: nil)
        #expect(try differences.all() == [])
        live.permissions["guest"] = .everything
        let advice = try UserDifferences(virtualHost: "v", live: live, passwords: nil).all()
        #expect(advice.map(\.subject) == ["user guest"] && advice.map(\.remedy) == [.advise])
    }
}

extension RabbitConnection {
    /// Posts one message and hears how the broker takes it.
    fileprivate func postAndListen(to exchange: String) throws {
        try confirmPublishing()
        let message = CloudEvent.message(for: try landed("1"))
        _ = try publish(Posting(message, to: exchange, routingKey: "millrace.quality.work"))
        while let incoming = try next(withinMilliseconds: 10_000) {
            if case .settled = incoming { return }
        }
    }
}
