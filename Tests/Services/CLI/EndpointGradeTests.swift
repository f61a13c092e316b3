import Foundation
import HTTPServer
import Outbound
import Synchronization
import Testing

@testable import millrace

@Suite("The grading of an endpoint", .timeLimit(.minutes(5)))
struct EndpointGradeTests {
    private func grade(
        _ answer: @escaping @Sendable (HTTPServerRequest, WebhookSecret) -> Int
    ) async throws -> [String: Bool] {
        let server = try HTTPServer()
        let secret = WebhookSecret()
        let network = try #require(Network("127.0.0.0/8"))
        return try await withThrowingTaskGroup(of: [String: Bool]?.self) { group in
            group.addTask {
                await server.run { HTTPServerResponse("", status: answer($0, secret)) }
                return nil
            }
            group.addTask {
                let client = HTTPClient(guardedBy: .publicOnly(except: [network]))
                let answers = try await EndpointGrade(
                    url: "http://127.0.0.1:\(server.port)/hook", client: client
                ).send(EndpointGrade.probes(secret: secret))
                return Dictionary(uniqueKeysWithValues: answers.map { ($0.probe.name, $0.isRight) })
            }
            defer { group.cancelAll() }
            while let found = try await group.next() { if let found { return found } }
            throw CancellationError()
        }
    }

    @Test("finds everything right where signature and time are looked at")
    func careful() async throws {
        let found = try await grade { request, secret in
            WebhookSignature.verify(
                id: request.headers["webhook-id"] ?? "",
                timestamp: request.headers["webhook-timestamp"] ?? "",
                signature: request.headers["webhook-signature"] ?? "", body: request.body,
                secret: secret) ? 204 : 401
        }
        #expect(found.count == 9)
        #expect(!found.values.contains(false))
    }

    @Test("finds what a careless one takes, and what a wrong one refuses")
    func careless() async throws {
        let found = try await grade { _, _ in 200 }
        #expect(
            found.filter { $0.value }.keys.sorted() == ["duplicate", "two signatures", "valid"])
        #expect(try await grade { _, _ in 500 }.values.allSatisfy { !$0 })
    }

    @Test("finds where the time is not looked at")
    func old() async throws {
        let found = try await grade { request, secret in
            let timestamp = request.headers["webhook-timestamp"] ?? ""
            let time = Date(timeIntervalSince1970: Double(timestamp) ?? 0)
            return WebhookSignature.verify(
                id: request.headers["webhook-id"] ?? "", timestamp: timestamp,
                signature: request.headers["webhook-signature"] ?? "", body: request.body,
                secret: secret, now: time) ? 200 : 400
        }
        #expect(found.filter { !$0.value }.keys.sorted() == ["from the future", "old"])
    }
}
