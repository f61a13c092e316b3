import Foundation
import HTTPServer
import Kit
import Outbound
import Stack
import Testing

extension EndToEnd {
    @Suite("A subscriber")
    struct AlertTests {
        @Test("gets a mail and a signed webhook about a batch that a check has refused")
        func refused() async throws {
            let stack = try TestStack.required()
            try await stack.receivers.whileListening {
                let pipeline = try await TestPipeline.apply("alerts", stack) { text in
                    // More authors than the file has: a blocking check that fails.
                    text.replacing(
                        "- row_count: {min: 1}",
                        with: "- row_count: {min: 100000}\n        severity: block")
                }
                let secret = try await self.subscribe(stack, to: pipeline)
                let traffic = try await Traffic.make(stack, rows: 50)
                let file = try traffic.file("authors")
                let answer = try await stack.millrace(
                    "put", "alerts", "authors", file.path, "--wait")
                #expect(answer.code == 3, "\(answer.text)\(answer.errors)")
                try await self.checkAlerts(stack, secret)
                try await self.checkRun(pipeline)
            }
        }

        private func subscribe(
            _ stack: TestStack, to pipeline: TestPipeline
        ) async throws -> WebhookSecret {
            let mail = try await stack.millrace(
                "subscribe", "batch_refused", "--email", "ann@test.example", "--confirmed")
            #expect(mail.code == 0, "\(mail.errors)")
            let hook = try await stack.millrace(
                "subscribe", "*", "--pipeline", pipeline.name, "--webhook", stack.receivers.url,
                "--confirmed", "--filter", #"{"severity": ["critical"]}"#, "--format", "json")
            #expect(hook.code == 0, "\(hook.errors)")
            let record = try #require(try hook.decoded([SubscriptionRecord].self).first)
            return try #require(record.secret.flatMap { WebhookSecret($0) })
        }

        private func checkAlerts(_ stack: TestStack, _ secret: WebhookSecret) async throws {
            try await eventually(within: .seconds(30), "a mail and a webhook have come") {
                !stack.receivers.mails.isEmpty && !stack.receivers.hooks.isEmpty
            }
            let mail = try #require(stack.receivers.mails.first)
            #expect(mail.recipients == ["ann@test.example"])
            #expect(mail.subject.contains("alerts.authors"), "\(mail.subject)")
            #expect(mail.text.contains("row_count"), "\(mail.text)")
            for hook in stack.receivers.hooks {
                let isVerified = WebhookSignature.verify(
                    id: hook.headers["webhook-id"] ?? "",
                    timestamp: hook.headers["webhook-timestamp"] ?? "",
                    signature: hook.headers["webhook-signature"] ?? "", body: hook.body,
                    secret: secret)
                #expect(isVerified)
            }
        }

        private func checkRun(_ pipeline: TestPipeline) async throws {
            let run = try #require(try await pipeline.runs().first)
            #expect(run.state == "refused")
            #expect(run.published == 0)
            let shown = try await pipeline.stack.millrace("show", run.run)
            #expect(shown.code == 3)
            #expect(shown.text.contains("refused"))
            let rows = try await pipeline.number(
                "select count(*) from {}.authors", pipeline.stack.warehouse())
            #expect(rows == 0, "the target is untouched")
        }

        struct SubscriptionRecord: Decodable {
            let subscription: String
            let secret: String?
        }
    }
}
