import Broker
import Events
import Foundation
import HTTPServer
import Kit
import Outbound
import Postgres
import Service
import Stack
import Synchronization
import Telemetry
import Warehouse

@testable import notifier

/// A notifier over a real warehouse, a local mailbox and a local receiver.
struct NotifierBench: Sendable {
    let pool: PostgresPool
    let handler: NotifierHandler
    let subscriptions: Subscriptions
    let mailbox: SMTPSink
    let receiver: Receiver
    let said: RecordingPublisher

    /// Runs `body` while `notifiers` dispatchers work on the same tables.
    static func with(
        notifiers: Int = 1, grouping: Grouping = .off, allowed: [String] = ["127.0.0.0/8"],
        hasMail: Bool = true, rule: DisableRule = .usual,
        answer: @escaping Receiver.Answer = { _, _ in 200 },
        _ body: @escaping @Sendable (NotifierBench) async throws -> Void
    ) async throws {
        try await withDatabase { address in
            let pool = PostgresPool(address, size: 8, applicationName: "notifier test")
            try await SystemSchema.migrate(pool)
            let mailbox = try SMTPSink()
            let receiver = try Receiver(answer)
            let said = RecordingPublisher()
            let dispatchers = try (0..<max(1, notifiers)).map { _ in
                try dispatcher(pool, mailbox, said, allowed: allowed, hasMail: hasMail, rule: rule)
            }
            let archive = DeadLetterArchive(pool)
            let handler = NotifierHandler(
                table: AlertTable(pool: pool, grouping: grouping), dispatcher: dispatchers[0],
                archive: archive,
                alerts: LetterAlerting(
                    LetterAlertTable(pool: pool), archive, context(said)))
            let bench = NotifierBench(
                pool: pool, handler: handler, subscriptions: Subscriptions(pool),
                mailbox: mailbox, receiver: receiver, said: said)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await receiver.run() }
                for dispatcher in dispatchers.prefix(notifiers) {
                    group.addTask { try await dispatcher.run() }
                    let noticing = Noticing(pool, grouping, dispatcher, context(said))
                    group.addTask { try await noticing.run() }
                }
                group.addTask { try await SubscriptionAlerting(pool, context(said)).run() }
                defer { group.cancelAll() }
                try await body(bench)
            }
        }
    }

    private static func dispatcher(
        _ pool: PostgresPool, _ mailbox: SMTPSink, _ said: RecordingPublisher,
        allowed: [String], hasMail: Bool, rule: DisableRule
    ) throws -> Dispatcher {
        let server = try MailServer(url: mailbox.url, encryption: .off)
        let sender = MailAddress("Millrace <ops@example.org>")
        let mail = hasMail ? sender.map { MailSender(client: MailClient(server), sender: $0) } : nil
        let networks = allowed.compactMap(Network.init)
        let client = HTTPClient(
            connections: 8, guardedBy: .publicOnly(except: networks), bodyLimitBytes: 20_000,
            overflow: .isCut)
        let queue = DeliveryQueue(pool: pool, presence: Presence(pool, context(said)), rule: rule)
        return Dispatcher(
            queue,
            Courier(mail: mail, webhooks: WebhookSender(client: client, allowed: networks)),
            RetryPolicy(delays: [.milliseconds(10), .milliseconds(10)]), context(said),
            slots: [.mail: 2, .healthy: 4, .failing: 4])
    }

    static func context(_ said: any EventPublisher) -> ServiceContext {
        ServiceContext(
            name: "notifier", host: "here", log: Log(service: "notifier", write: { _ in }),
            metrics: Metrics(), publisher: said)
    }

    /// Raises an alert as the broker would hand it over.
    func raise(
        _ id: String, topic: String = "check_warned", pipeline: String = "goodreads",
        key: String = "k", at time: Date = Date()
    ) async throws {
        let alert = AlertRaised(
            key: key, topic: topic, severity: .warning, pipeline: pipeline, dataset: "reviews",
            batch: nil, title: "goodreads.reviews: \(id)", detail: "ü, 37 rows", command: nil,
            raisedAt: time)
        _ = try await handler.handle(Event(alert, id: id, from: "/millrace/test/here"))
    }

    /// The states of all deliveries, sorted.
    func states() async throws -> [String] {
        try await pool.query("select state from millrace.deliveries order by state")
            .map { try $0.text("state") }
    }

    /// The first row of a query.
    func row(_ sql: String) async throws -> PostgresRow? { try await pool.query(sql).first }
}

/// A receiver of webhooks that keeps what it gets.
final class Receiver: Sendable {
    /// The status for the request of that number, from 0, with that path.
    typealias Answer = @Sendable (_ path: String, _ number: Int) async -> Int

    private let server: HTTPServer
    private let answer: Answer
    private let kept = Mutex<[HTTPServerRequest]>([])

    init(_ answer: @escaping Answer) throws {
        server = try HTTPServer()
        self.answer = answer
    }

    var requests: [HTTPServerRequest] { kept.withLock { $0 } }

    func url(_ path: String = "/hook") -> String { "http://127.0.0.1:\(server.port)\(path)" }

    func run() async {
        await server.run { request in
            let number = self.kept.withLock { kept in
                kept.append(request)
                return kept.count - 1
            }
            let status = await self.answer(request.path, number)
            return HTTPServerResponse("answer \(status)", status: status)
        }
    }
}
