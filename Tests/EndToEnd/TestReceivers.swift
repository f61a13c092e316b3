import Foundation
import HTTPServer
import Stack
import Synchronization

/// A mailbox and a web address for what the notifier of the stack sends.
final class TestReceivers: Sendable {
    private let mailbox: SMTPSink
    private let server: HTTPServer
    private let received = Mutex<[HTTPServerRequest]>([])

    init() throws {
        mailbox = try SMTPSink()
        server = try HTTPServer()
    }

    /// Takes webhooks while `body` runs.
    func whileListening<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                await self.server.run { request in
                    self.received.withLock { $0.append(request) }
                    return HTTPServerResponse("", status: 204)
                }
                return nil
            }
            group.addTask { try await body() }
            defer { group.cancelAll() }
            while let value = try await group.next() {
                if let value { return value }
            }
            throw CancellationError()
        }
    }

    var url: String { "http://127.0.0.1:\(server.port)/hook" }
    var mails: [ReceivedMail] { mailbox.mails }
    var hooks: [HTTPServerRequest] { received.withLock { $0 } }

    /// What the notifier must know to reach both.
    var settings: [String: String] {
        [
            "MILLRACE_SMTP_URL": mailbox.url, "MILLRACE_SMTP_TLS": "off",
            "MILLRACE_SMTP_FROM": "millrace@test.example",
            "MILLRACE_WEBHOOK_ALLOW": "127.0.0.0/8",
        ]
    }
}
