import Events
import Foundation
import Testing

@testable import Broker

@Suite("A dead letter")
struct DeadLetterTests {
    @Test("is as new when it is sent again, but counted, and without the broker's marks")
    func renewed() throws {
        var dead = CloudEvent.message(for: try landed("1"))
        dead.headers["x-death"] = .list([])
        dead.headers["x-first-death-queue"] = .text("millrace.transformer.work")
        dead.headers[MillraceHeader.attempt] = .number(3)
        dead.headers[MillraceHeader.errorMessage] = .text("no")
        dead.headers[MillraceHeader.maximumAttempts] = .number(4)
        let once = DeadLetter.renewed(dead, id: "1", replays: 1)
        #expect(once.headers[MillraceHeader.attempt] == nil)
        #expect(once.headers[MillraceHeader.errorMessage] == nil)
        #expect(!once.headers.keys.contains { $0.hasPrefix("x-") })
        #expect(once.headers["traceparent"] == dead.headers["traceparent"])
        let event = try CloudEvent.event(in: once)
        #expect(event.id == "1" && event.data == dead.body)
        let last = DeadLetter.renewed(dead, id: "1", replays: 2, isLastAttempt: true)
        #expect(last.headers[MillraceHeader.replays] == .number(2))
        #expect(last.headers[MillraceHeader.attempt] == .number(4))
    }

    @Test(
        "by the broker itself is told apart by its reason",
        arguments: [
            "delivery_limit", "rejected", "expired", "maxlen",
        ])
    func byBroker(reason: String) throws {
        var message = CloudEvent.message(for: try landed("1"))
        // What an attempt said that failed earlier is not why the broker took it away.
        message.headers[MillraceHeader.errorClass] = .text("lake.away")
        message.headers["x-death"] = .list([
            .table(["reason": .text(reason), "time": .number(1_700_000_000)])
        ])
        let letter = letter(message)
        #expect(letter.reason == reason)
        #expect(letter.errorClass == "broker.\(reason)")
        #expect(letter.lastFailedAt == Date(timeIntervalSince1970: 1_700_000_000))
    }

    @Test("is the same failure however often it is looked at, and another one each time it fails")
    func failure() throws {
        var message = CloudEvent.message(for: try landed("1"))
        message.headers["x-death"] = .list([
            .table(["reason": .text("rejected"), "time": .number(1_700_000_000)])
        ])
        let first = letter(message)
        message.headers["x-delivery-count"] = .number(7)
        #expect(letter(message).failure == first.failure)
        message.headers[MillraceHeader.replays] = .number(1)
        #expect(letter(message).failure != first.failure)
    }

    @Test(
        "gets an id of its own where it has none that can be used",
        arguments: [
            "", "with a space", "nul\0", "line\nbreak", String(repeating: "x", count: 201),
        ])
    func ownID(id: String) {
        let message = Message(id: id, body: Data("{".utf8))
        let letter = letter(message)
        #expect(letter.id.hasPrefix("letter-") && letter.id.utf8.count < 40)
        #expect(self.letter(message).id == letter.id)
        #expect(self.letter(Message(id: id, body: Data("[".utf8))).id != letter.id)
        #expect(letter.kind == "unknown" && letter.pipeline == "_")
    }

    @Test("believes no number or time of a stranger that nobody can keep")
    func strangers() {
        let message = Message(
            id: "1",
            headers: [
                MillraceHeader.attempt: .number(.max), MillraceHeader.replays: .number(-5),
                MillraceHeader.reason: .text("fai\0led"),
                MillraceHeader.lastFailedAt: .text("9999-12-31T00:00:00Z"),
                "cloudEvents:pipeline": .text(String(repeating: "p", count: 5000)),
            ], body: Data())
        let letter = letter(message)
        #expect(letter.attempts == 1_000_000 && letter.replays == 0)
        #expect(letter.reason == "fai\u{2400}led" && letter.lastFailedAt == nil)
        #expect(letter.pipeline.utf8.count <= 80)
    }

    @Test("shares its fingerprint with what fails in the same way")
    func fingerprint() throws {
        func letter(_ error: String) -> DeadLetter {
            self.letter(
                Message(
                    id: "1",
                    headers: [
                        MillraceHeader.reason: .text("failed"),
                        MillraceHeader.errorClass: .text("lake.missing"),
                        MillraceHeader.errorMessage: .text(error),
                    ], body: Data()))
        }
        #expect(
            letter("no object landing/p/01JX4 after 3 s").fingerprint
                == letter("no object landing/p/01ABC after 12 s").fingerprint)
        #expect(letter("no object").fingerprint != letter("no lake").fingerprint)
    }

    @Test("keeps its headers, as far as they can be kept and sent again")
    func headers() throws {
        var deep = FieldValue.text("end")
        for _ in 0..<1000 { deep = .list([deep]) }
        var headers = CloudEvent.message(for: try landed("1")).headers
        let ours = headers
        headers["nul"] = .text("a\0b")
        headers["deep"] = deep
        headers["count"] = .table(["n": .number(7), "yes": .flag(true)])
        let long = FieldValue.text(String(repeating: "x", count: 5000))
        for number in 0..<100 { headers["long\(number)"] = long }
        let kept = headers.keepable
        #expect(kept["nul"] == .text("a\u{2400}b"))
        #expect(kept["count"] == headers["count"])
        for (name, value) in ours { #expect(kept[name] == value) }
        try Posting(Message(id: "1", headers: kept, body: Data()), to: "e", routingKey: "k").check()
        let back = try EventJSON.decode([String: FieldValue].self, from: try EventJSON.encode(kept))
        #expect(back == kept)
    }

    private func letter(_ message: Message) -> DeadLetter {
        DeadLetter(message, of: "transformer", routingKey: "millrace.transformer.work")
    }
}
