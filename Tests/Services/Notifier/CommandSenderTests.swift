import Events
import Foundation
import HTTPServer
import Kit
import Testing
import Warehouse

@testable import notifier

@Suite("A program that is told", .timeLimit(.minutes(5)))
struct CommandSenderTests {
    private func withFolder(_ body: (URL, CommandSender) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "millrace-programs-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder, CommandSender(folder: folder.path, timeout: .seconds(5)))
    }

    private func program(_ script: String, _ name: String = "page", in folder: URL) throws -> String
    {
        let path = folder.appending(path: name).path
        let isMade = FileManager.default.createFile(
            atPath: path, contents: Data("#!/bin/sh\n\(script)\n".utf8),
            attributes: [.posixPermissions: 0o700])
        try #require(isMade)
        return path
    }

    private var delivery: Delivery {
        let alert = Alert(
            id: "a1", kind: .raised, key: "k", topic: "rejects", severity: .critical,
            pipeline: "shop", dataset: "orders", batch: nil, title: "shop.orders: ü", detail: "",
            command: nil, time: Date())
        return Delivery(
            id: "msg_1", subscription: "S1", target: .unusable(""), alert: alert, attempts: 2,
            tries: 0, retries: nil, gap: .zero, thread: nil)
    }

    @Test("gets the alert as its input, and nothing of the notifier's environment")
    func told() async throws {
        try await withFolder { folder, sender in
            let path = try program("cat; echo; env | sort", in: folder)
            let end = try await sender.send(delivery, to: path, .raw)
            #expect(end.outcome == .sent(code: 0))
            let answer = try #require(end.answer)
            #expect(answer.contains(#""title":"shop.orders: ü""#))
            #expect(!answer.contains(#""type""#))
            #expect(answer.contains("MILLRACE_DELIVERY=msg_1\n"))
            #expect(answer.contains("MILLRACE_ATTEMPT=2\n"))
            #expect(!answer.contains("HOME="))
            let whole = try await sender.send(delivery, to: path, .envelope)
            #expect(whole.answer?.contains(#""type":"io.millrace.alert.raised.v1""#) == true)
        }
    }

    @Test("says by its exit code whether it may be tried again")
    func codes() async throws {
        try await withFolder { folder, sender in
            let later = try await sender.send(
                delivery, to: program("echo busy >&2; exit 75", "later", in: folder), .raw)
            #expect(
                later.outcome
                    == .postponed(
                        reason: "the program ended with exit code 75", code: 75, pause: nil))
            #expect(later.answer == "busy\n")
            let never = try await sender.send(
                delivery, to: program("exit 3", "never", in: folder), .raw)
            #expect(
                never.outcome == .refused(reason: "the program ended with exit code 3", code: 3))
            let missing = try await sender.send(delivery, to: "\(folder.path)/none", .raw)
            guard case .refused = missing.outcome else {
                Issue.record("\(missing.outcome)")
                return
            }
        }
    }

    @Test("is not run unless it lies in the operator's folder")
    func outside() async throws {
        try await withFolder { folder, sender in
            try FileManager.default.createSymbolicLink(
                atPath: folder.appending(path: "link").path, withDestinationPath: "/bin/true")
            for path in ["/bin/true", "\(folder.path)/link", "\(folder.path)/../true", "true"] {
                let end = try await sender.send(delivery, to: path, .raw)
                #expect(end.outcome.reason?.contains("command-allow") == true, "\(path)")
            }
            let end = try await CommandSender(folder: nil).send(delivery, to: "/bin/true", .raw)
            #expect(end.outcome.reason?.contains("MILLRACE_COMMAND_ALLOW") == true)
        }
    }
}

@Suite(
    "A webhook's form", .timeLimit(.minutes(5)),
    .enabled(if: TestWarehouse.isAvailable, Comment(rawValue: TestWarehouse.missing)))
struct WebhookFormTests {
    @Test("is the envelope, or the alert alone where that was wished")
    func forms() async throws {
        try await NotifierBench.with { bench in
            for body in Subscription.Body.allCases {
                _ = try await bench.subscriptions.create(
                    SubscriptionRequest(
                        topic: "*", channel: .webhook,
                        target: bench.receiver.url("/\(body.rawValue)"), body: body),
                    vouchedBy: "me")
            }
            try await bench.raise("a1")
            try await eventually { bench.receiver.requests.count == 2 }
            for request in bench.receiver.requests {
                let text = String(decoding: request.body, as: UTF8.self)
                #expect(text.contains(#""title":"goodreads.reviews: a1""#))
                #expect(text.contains(#""data":{"#) == (request.path == "/envelope"))
            }
        }
    }
}
