import Broker
import Events
import Foundation
import Glibc
import HTTPServer
import Postgres
import Stack
import Synchronization
import Telemetry
import Warehouse

/// How soon subscribers hear of an alert, and what a dead endpoint among many does to the others.
struct AlertLatency: Sendable {
    let tries: Int

    /// The figures, in milliseconds.
    struct Figures: Codable, Sendable {
        var alerts: Int
        /// From the alert's event until a webhook had come, and until the mail server had taken a
        /// mail; 100 subscribers each.
        var webhook: Percentiles
        var mail: Percentiles
        /// To 999 endpoints, beside one more that answers like them, and beside a dead one.
        var endpoints: Percentiles
        var besideDead: Percentiles
    }

    func measure(_ plan: BenchPlan) async throws -> Figures {
        let receivers = try AlertReceivers()
        // The stack hands its environment on to the notifier.
        for (name, value) in receivers.settings { setenv(name, value, 1) }
        return try await withThrowingTaskGroup(of: Figures?.self) { group in
            group.addTask {
                await receivers.run()
                return nil
            }
            group.addTask {
                try await BenchStack.with(plan) { try await measure($0, receivers) }
            }
            defer { group.cancelAll() }
            while let figures = try await group.next() {
                if let figures { return figures }
            }
            throw CancellationError()
        }
    }

    private func measure(
        _ stack: BenchStack, _ receivers: AlertReceivers
    ) async throws -> Figures {
        let subscriptions = Subscriptions(stack.warehouse)
        let publisher = AlertPublishing(stack)
        for number in 0..<100 {
            _ = try await subscriptions.create(
                topic: "check_failed", channel: .webhook, target: receivers.url("/w\(number)"))
            _ = try await subscriptions.create(
                topic: "check_failed", channel: .email, target: "r\(number)@example.org")
        }
        // The first finds nothing warm and is not counted.
        try await rounds(1, "check_failed", 200, stack, publisher)
        receivers.forget()
        let begun = Date()
        let times = try await rounds(tries, "check_failed", 200, stack, publisher)
        let hooks = receivers.arrivals(times)
        let mails = try await mails(since: begun, stack)
        let (endpoints, beside) = try await dead(stack, receivers, publisher)
        return Figures(
            alerts: tries, webhook: Percentiles(hooks), mail: Percentiles(mails),
            endpoints: Percentiles(endpoints), besideDead: Percentiles(beside))
    }

    /// Arrivals at 999 endpoints, without and with a dead one beside them, in turns.
    private func dead(
        _ stack: BenchStack, _ receivers: AlertReceivers, _ publisher: AlertPublishing
    ) async throws -> ([Double], [Double]) {
        let subscriptions = Subscriptions(stack.warehouse)
        let hole = try DeadEndpoint()
        for number in 0..<999 {
            _ = try await subscriptions.create(
                topic: "rejects", channel: .webhook, target: receivers.url("/e\(number)"))
        }
        let last = try await subscriptions.create(
            topic: "rejects", channel: .webhook, target: receivers.url("/e999")
        ).subscription.id
        try await rounds(1, "rejects", 1000, stack, publisher)
        var (without, with): ([Double], [Double]) = ([], [])
        for turn in 0..<6 {
            let url = turn % 2 == 0 ? receivers.url("/e999") : hole.url
            _ = try await stack.warehouse.query(
                "update millrace.subscriptions set webhook = $1 where subscription_id = $2",
                [url, last])
            receivers.forget()
            let times = try await rounds(1, "rejects", 999, stack, publisher)
            let arrivals = receivers.arrivals(times, except: "/e999")
            if turn % 2 == 0 { without += arrivals } else { with += arrivals }
        }
        return (without, with)
    }

    /// Says alerts one after the other, each when the one before was told to all.
    @discardableResult
    private func rounds(
        _ count: Int, _ topic: String, _ subscribers: Int, _ stack: BenchStack,
        _ publisher: AlertPublishing
    ) async throws -> [String: Date] {
        var times: [String: Date] = [:]
        for _ in 0..<count {
            let id = ULID().description
            times[id] = try await publisher.say(id, topic)
            let sql = """
                select count(*) as count from millrace.deliveries
                where alert_id = $1 and state = 'sent'
                """
            let clock = ContinuousClock()
            let end = clock.now + .seconds(120)
            while try await stack.warehouse.query(sql, [id]).first?.integer("count") ?? 0
                < subscribers
            {
                guard clock.now < end else { throw BenchError("not all were told of an alert") }
                try await clock.sleep(for: .milliseconds(50))
            }
        }
        return times
    }

    private func mails(since begun: Date, _ stack: BenchStack) async throws -> [Double] {
        let sql = """
            select extract(epoch from delivered_at - raised_at) * 1000 as milliseconds
            from millrace.deliveries join millrace.alerts using (alert_id)
                join millrace.subscriptions using (subscription_id)
            where email is not null and raised_at >= to_timestamp($1)
            """
        return try await stack.warehouse.query(sql, ["\(begun.timeIntervalSince1970)"])
            .compactMap { $0["milliseconds"].flatMap(Double.init) }
    }
}

/// Says alerts as a service does.
struct AlertPublishing: Sendable {
    let stack: BenchStack
    init(_ stack: BenchStack) { self.stack = stack }

    /// - Returns: When it was said.
    func say(_ id: String, _ topic: String) async throws -> Date {
        guard let addresses = try RunningStack(stack.folder).state()?.addresses else {
            throw BenchError("the stack does not run")
        }
        let broker = try addresses.broker(ProcessInfo.processInfo.environment)
        return try await RabbitPublisher.with(
            broker, name: "bench", log: Log(service: "bench", threshold: .error)
        ) { publisher in
            let now = Date()
            let alert = AlertRaised(
                key: id, topic: topic, severity: .warning, pipeline: "goodreads", dataset: id,
                batch: nil, title: id, detail: "", command: nil, raisedAt: now)
            try await publisher.publish([try Event(alert, id: id, from: "/millrace/bench/here")])
            return now
        }
    }
}

/// A mailbox and endpoints that answer in 5 ms, and when what came to them.
final class AlertReceivers: Sendable {
    private let server: HTTPServer
    private let mailbox: SMTPSink
    private let kept = Mutex<[(path: String, body: Data, time: Date)]>([])

    init() throws {
        server = try HTTPServer()
        mailbox = try SMTPSink()
    }

    func url(_ path: String) -> String { "http://127.0.0.1:\(server.port)\(path)" }

    /// What the notifier must know to reach both.
    var settings: [String: String] {
        [
            "MILLRACE_SMTP_URL": mailbox.url, "MILLRACE_SMTP_TLS": "off",
            "MILLRACE_SMTP_FROM": "millrace@bench.example",
            "MILLRACE_WEBHOOK_ALLOW": "127.0.0.0/8",
        ]
    }

    func run() async {
        await server.run { request in
            let now = Date()
            self.kept.withLock { $0.append((request.path, request.body, now)) }
            try? await Task.sleep(for: .milliseconds(5))
            return HTTPServerResponse("", status: 204)
        }
    }

    func forget() { kept.withLock { $0 = [] } }

    /// Milliseconds from when each was said.
    func arrivals(_ times: [String: Date], except path: String = "") -> [Double] {
        kept.withLock { kept in
            kept.filter { $0.path != path }.compactMap { request in
                let text = String(decoding: request.body, as: UTF8.self)
                let said = times.first { text.contains($0.key) }?.value
                return said.map { request.time.timeIntervalSince($0) * 1000 }
            }
        }
    }
}

/// An endpoint that takes connections and never answers.
private final class DeadEndpoint: Sendable {
    private let descriptor: Int32
    let url: String

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 64) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard isListening else { throw BenchError("no port for a dead endpoint") }
        url = "http://127.0.0.1:\(in_port_t(bigEndian: address.sin_port))/"
    }

    deinit { close(descriptor) }
}
