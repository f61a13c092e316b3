import Broker
import Events
import Foundation
import HTTPServer
import Kit
import Outbound
import Postgres
import Stack
import Synchronization
import Testing
import Warehouse

@testable import notifier

/// What asks subscribers and answers them, over a real warehouse, a local mailbox, a local
/// receiver and its pages on a local port.
struct SubscriberBench: Sendable {
    let pool: PostgresPool
    let subscriptions: Subscriptions
    let asking: Asking
    let links: SubscriptionLinks
    let mailbox: SMTPSink
    let endpoint: Endpoint
    private let client = HTTPClient("pages", connections: 2)

    static func with(
        hasPages: Bool = true, hasMail: Bool = true,
        _ body: @escaping @Sendable (SubscriberBench) async throws -> Void
    ) async throws {
        try await withDatabase { address in
            let pool = PostgresPool(address, size: 4, applicationName: "subscriber test")
            try await SystemSchema.migrate(pool)
            let subscriptions = Subscriptions(pool)
            let context = NotifierBench.context(RecordingPublisher())
            let server = try HTTPServer()
            let mailbox = try SMTPSink()
            let endpoint = try Endpoint()
            let links = SubscriptionLinks(
                url: hasPages ? "http://127.0.0.1:\(server.port)/millrace" : nil,
                key: try await subscriptions.linkKey())
            let sender = try #require(MailAddress("Millrace <ops@example.org>"))
            let mail = ChallengeMail(
                client: MailClient(try MailServer(url: mailbox.url, encryption: .off)),
                sender: sender, links: links)
            let guarded = HTTPClient(
                connections: 2,
                guardedBy: .publicOnly())
            let asking = Asking(
                subscriptions, hasMail ? mail : nil,
                ChallengePost(client: guarded, allowed: [], links: links),
                context)
            let pages = SubscriberPages(
                subscriptions: subscriptions, links: links, context: context)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await server.run { await pages.respond(to: $0) } }
                group.addTask { await endpoint.run() }
                defer { group.cancelAll() }
                try await body(
                    SubscriberBench(
                        pool: pool, subscriptions: subscriptions, asking: asking, links: links,
                        mailbox: mailbox, endpoint: endpoint))
            }
        }
    }

    func subscribe(
        _ topic: String = "check_*", mail: String = "reader@example.org"
    ) async throws -> Subscription {
        try await subscriptions.create(
            SubscriptionRequest(topic: topic, channel: .email, target: mail)
        ).subscription
    }

    func subscribeWebhook(
        allowed: [String] = ["127.0.0.0/8"]
    ) async throws -> (subscription: Subscription, secret: String?) {
        try await subscriptions.create(
            SubscriptionRequest(
                topic: "*", channel: .webhook, target: endpoint.url,
                delivery: DeliveryOptions(allowed: allowed)))
    }

    func state(_ id: String) async throws -> Subscription.State? {
        try await subscriptions.find(id)?.state
    }

    /// Asks, and takes the link out of the newest mail.
    func askedLink() async throws -> String {
        let count = mailbox.mails.count
        try await asking.ask()
        try await eventually { mailbox.mails.count > count }
        let words = try #require(mailbox.mails.last).text.split { $0.isWhitespace }
        return try #require(words.first { $0.contains("/confirm?token=") }.map(String.init))
    }

    func open(
        _ link: String, _ method: HTTPRequest.Method = .get, body: String? = nil
    ) async throws -> HTTPResponse {
        try await client.send(HTTPRequest(method, link, body: body.map { Data($0.utf8) }))
    }

    func run(_ sql: String) async throws { _ = try await pool.query(sql) }
}

/// A receiver of challenges that answers what it is told to.
final class Endpoint: Sendable {
    enum Manner: Sendable { case token, json, nothing, status(Int) }

    private struct State {
        var manner = Manner.nothing
        var requests: [HTTPServerRequest] = []
    }

    private let server: HTTPServer
    private let state = Mutex(State())

    init() throws {
        server = try HTTPServer()
    }

    var url: String { "http://127.0.0.1:\(server.port)/hook" }
    var requests: [HTTPServerRequest] { state.withLock { $0.requests } }

    func answer(_ manner: Manner) { state.withLock { $0.manner = manner } }

    func run() async {
        await server.run { request in
            let manner = self.state.withLock { state in
                state.requests.append(request)
                return state.manner
            }
            let token = Question(request)?.data.token ?? ""
            return switch manner {
            case .token: HTTPServerResponse(token + "\n")
            case .json:
                HTTPServerResponse("{\"token\": \"\(token)\"}", contentType: "application/json")
            case .nothing: HTTPServerResponse("thanks")
            case .status(let status): HTTPServerResponse(token, status: status)
            }
        }
    }

    struct Question: Decodable {
        struct Wish: Decodable {
            let subscription: String
            let token: String
            let confirm_url: String?
        }

        let type: String
        let data: Wish

        init?(_ request: HTTPServerRequest) {
            guard let question = try? JSONDecoder().decode(Self.self, from: request.body) else {
                return nil
            }
            self = question
        }
    }
}
