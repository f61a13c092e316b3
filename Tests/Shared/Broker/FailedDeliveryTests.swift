import Events
import Foundation
import Testing

@testable import Broker

@Suite("A failed delivery")
struct FailedDeliveryTests {
    @Test("comes back as the next attempt, through a delay level, within its bounds")
    func retry() throws {
        let posting = try failed(try delivery(attempt: 2)).retry(after: DelayLevel(seconds: 15))
        #expect(posting.exchange == "millrace.delay.15s")
        #expect(posting.routingKey == "millrace.transformer.work")
        #expect(posting.message.id == "1")
        #expect(posting.message.headers[MillraceHeader.attempt] == .number(3))
        let expiration = try #require(posting.message.expirationMilliseconds)
        #expect((12_000...15_000).contains(expiration))
    }

    @Test("comes back as the same attempt when it is spared, and that is counted")
    func spared() throws {
        var delivery = try delivery(attempt: 3)
        for times in 1...2 {
            let posting = try failed(delivery).spared(after: DelayLevel(seconds: 15))
            #expect(posting.exchange == "millrace.delay.15s")
            delivery = Self.delivery(of: posting.message)
            #expect(delivery.attempt == 3 && delivery.timesSpared == times)
        }
    }

    @Test("never stays shorter than the level below", arguments: DelayLevel.all)
    func jitter(level: DelayLevel) {
        var generator = SystemRandomNumberGenerator()
        let below = DelayLevel.all.last { $0 < level }?.seconds ?? 0
        for _ in 0..<100 {
            let delay = level.expirationMilliseconds(using: &generator)
            #expect(delay > below * 1000 && delay <= level.seconds * 1000)
        }
    }

    @Test("is set aside with its error, cut to what a frame can hold")
    func setAside() throws {
        let long = HandlingError(.permanent, "test.long", String(repeating: "é", count: 100_000))
        let posting = try failed(try delivery(), with: long).setAside(because: .permanent)
        try posting.check()
        let headers = posting.message.headers
        let message = try #require(headers[MillraceHeader.errorMessage]?.text)
        #expect(message.utf8.count <= 2000 && message.hasSuffix("…"))
        #expect(posting.exchange == Topology.deadLetters)
        let letter = DeadLetter(
            posting.message, of: "transformer", routingKey: posting.routingKey)
        #expect(letter.reason == "permanent" && letter.errorClass == "test.long")
        #expect(letter.attempts == 1 && letter.host == "here")
    }

    @Test("drops what strangers wrote into its headers when ours would not fit beside it")
    func crowded() throws {
        let delivery = try delivery(
            marks: ["theirs": .text(String(repeating: "x", count: 63 << 10))])
        let message = try failed(
            delivery, with: HandlingError(.transient, "e", String(repeating: "y", count: 5000))
        )
        .retry(after: DelayLevel(seconds: 1))
        try message.check()
        #expect(message.message.headers["theirs"] == nil)
        #expect(try CloudEvent.event(in: message.message).id == "1")
    }

    @Test("carries none of the broker's own marks")
    func marks() throws {
        let delivery = try delivery(
            marks: ["x-death": .list([]), "x-delivery-count": .number(3)])
        let sent = try failed(delivery).retry(after: DelayLevel(seconds: 1)).message
        #expect(!sent.headers.keys.contains { $0.hasPrefix("x-") })
    }

    @Test("keeps its first failure and where it came from over all attempts")
    func origin() throws {
        let first = try failed(try delivery()).retry(after: DelayLevel(seconds: 1)).message
        let queues = try transformer()
        let second = FailedDelivery(
            Self.delivery(of: first), of: queues, on: "there", with: error, maximumAttempts: 3,
            at: Date(timeIntervalSince1970: 9000)
        ).setAside(because: .failed).message
        for name in [MillraceHeader.firstFailedAt, MillraceHeader.originKey] {
            #expect(first.headers[name] == second.headers[name])
        }
        #expect(second.headers[MillraceHeader.originKey] == .text("object.landed.p.d"))
        let letter = DeadLetter(second, of: "transformer", routingKey: queues.work)
        #expect(letter.lastFailedAt == Date(timeIntervalSince1970: 9000))
    }

    private let error = HandlingError(.transient, "test.away", "away")

    private func failed(
        _ delivery: Delivery, with error: (any ClassifiedError)? = nil
    ) throws -> FailedDelivery {
        FailedDelivery(
            delivery, of: try transformer(), on: "here", with: error ?? self.error,
            maximumAttempts: 3, at: Date(timeIntervalSince1970: 1000))
    }

    private func delivery(
        attempt: Int = 1, marks: [String: FieldValue] = [:]
    ) throws -> Delivery {
        let event = try landed("1")
        var message = CloudEvent.message(for: event)
        message.headers[MillraceHeader.attempt] = .number(attempt)
        message.headers.merge(marks) { $1 }
        return Self.delivery(of: message)
    }

    private static func delivery(of message: Message) -> Delivery {
        let arrival = Incoming.Arrival(
            tag: 1, isRedelivered: false, exchange: Topology.events,
            routingKey: "object.landed.p.d", message: message)
        return Delivery(arrival, on: 1)
    }
}
