import Foundation
import HTTPServer
import Outbound
import Stack
import Synchronization

/// A mailbox and a web address on this host, for the alerts of a demo.
final class DemoReceivers: Sendable {
    /// A webhook that came, and whether its signature was right.
    struct Hook: Sendable {
        let id: String
        let body: Data
        let isVerified: Bool
    }

    let address = "you@demo.example"
    private static let path = "/millrace-demo"
    private let mailbox: SMTPSink
    private let server: HTTPServer
    private let secret = Mutex<WebhookSecret?>(nil)
    private let received = Mutex<[Hook]>([])

    /// - Throws: When there is no free port.
    init() throws {
        mailbox = try SMTPSink()
        server = try HTTPServer()
    }

    /// Takes webhooks until the task is cancelled.
    func run() async {
        await server.run { request in self.take(request) }
    }

    var url: String { "http://127.0.0.1:\(server.port)\(Self.path)" }

    /// True for what this demo or an earlier one that was cut short has subscribed.
    func owns(_ target: String) -> Bool {
        target == address || target.hasPrefix("http://127.0.0.1:") && target.hasSuffix(Self.path)
    }

    /// The settings with which the notifier reaches both.
    var settings: [String: String] {
        [
            "MILLRACE_SMTP_URL": mailbox.url, "MILLRACE_SMTP_TLS": "off",
            "MILLRACE_SMTP_FROM": "Millrace <millrace@demo.example>",
            "MILLRACE_WEBHOOK_ALLOW": "127.0.0.0/8",
        ]
    }

    /// What webhooks are signed with from now on.
    func expect(_ secret: WebhookSecret?) { self.secret.withLock { $0 = secret } }

    /// The mail that says most: one about rejects, where there are some.
    func bestMail(rejected: Bool) -> ReceivedMail? {
        mails.first { $0.subject.contains("rejected") } ?? (rejected ? nil : mails.first)
    }

    var mails: [ReceivedMail] { mailbox.mails }
    var hooks: [Hook] { received.withLock { $0 } }

    private func take(_ request: HTTPServerRequest) -> HTTPServerResponse {
        guard request.method == "POST", request.path == Self.path else { return .notFound }
        let id = request.headers["webhook-id"] ?? ""
        let isVerified = secret.withLock { secret in
            guard let secret else { return false }
            return WebhookSignature.verify(
                id: id, timestamp: request.headers["webhook-timestamp"] ?? "",
                signature: request.headers["webhook-signature"] ?? "", body: request.body,
                secret: secret)
        }
        received.withLock { $0.append(Hook(id: id, body: request.body, isVerified: isVerified)) }
        return HTTPServerResponse("", status: 204)
    }
}
