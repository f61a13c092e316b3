public import Events
public import Foundation
import Telemetry

/// Why an event is set aside for a person.
public enum DeadReason: String, Sendable {
    /// It failed as often as it may.
    case failed
    /// Trying again cannot help.
    case permanent
    /// It cannot be read.
    case poison
    /// Of a type that this release does not know.
    case skipped
}

/// A delivery whose handling failed, with what its next reader should know of that.
public struct FailedDelivery: Sendable {
    private let delivery: Delivery
    private let queues: ServiceQueues
    private let host: String
    private let error: any ClassifiedError
    private let maximumAttempts: Int
    private let now: Date

    /// - Parameter maximumAttempts: How often an event is tried in all.
    public init(
        _ delivery: Delivery, of queues: ServiceQueues, on host: String,
        with error: any ClassifiedError, maximumAttempts: Int, at now: Date = Date()
    ) {
        self.delivery = delivery
        self.queues = queues
        self.host = host
        self.error = error
        self.maximumAttempts = maximumAttempts
        self.now = now
    }

    /// Sends it into a delay queue, from where it comes back as the next attempt.
    public func retry(after level: DelayLevel) -> Posting {
        var generator = SystemRandomNumberGenerator()
        var message = marked
        message.headers[MillraceHeader.attempt] = .number(delivery.attempt + 1)
        message.expirationMilliseconds = level.expirationMilliseconds(using: &generator)
        return Posting(message, to: level.name, routingKey: queues.work)
    }

    /// Sends it into a delay queue, from where it comes back as the same attempt.
    public func spared(after level: DelayLevel) -> Posting {
        var posting = retry(after: level)
        posting.message.headers[MillraceHeader.attempt] = .number(delivery.attempt)
        posting.message.headers[MillraceHeader.spared] = .number(delivery.timesSpared + 1)
        return posting
    }

    /// Sends it to the service's dead queue.
    public func setAside(because reason: DeadReason) -> Posting {
        var message = marked
        message.headers[MillraceHeader.attempt] = .number(delivery.attempt)
        message.headers[MillraceHeader.reason] = .text(reason.rawValue)
        return Posting(message, to: Topology.deadLetters, routingKey: queues.work)
    }

    private var marked: Message {
        var message = delivery.message
        var headers = message.headers.withoutBrokerMarks
        let time = FieldValue.text(EventJSON.text(of: now))
        headers[MillraceHeader.firstFailedAt] = headers[MillraceHeader.firstFailedAt] ?? time
        headers[MillraceHeader.lastFailedAt] = time
        headers[MillraceHeader.maximumAttempts] = .number(maximumAttempts)
        headers[MillraceHeader.errorClass] = .text(error.errorClass.cut(toBytes: 200))
        // A long text in a header would not fit a frame, and cost the connection.
        headers[MillraceHeader.errorMessage] = .text(error.description.cut(toBytes: 2000))
        headers[MillraceHeader.originQueue] = .text(queues.work)
        if headers[MillraceHeader.originKey] == nil {
            headers[MillraceHeader.originExchange] = .text(delivery.exchange)
            headers[MillraceHeader.originKey] = .text(delivery.routingKey)
        }
        headers[MillraceHeader.host] = .text(host)
        headers[MillraceHeader.version] = .text(Version.current)
        message.headers = headers.fitting
        message.expirationMilliseconds = nil
        return message
    }
}

extension Delivery {
    /// Which try this is, from 1. Our own count: the broker charges what it hands out, also for
    /// the crash of a neighbour.
    public var attempt: Int { count(MillraceHeader.attempt, from: 1) }

    /// How often it failed without that counting as an attempt, because everything failed.
    public var timesSpared: Int { count(MillraceHeader.spared, from: 0) }

    /// How often a person has sent it through again.
    public var replays: Int { count(MillraceHeader.replays, from: 0) }

    /// Anybody can write anything into a header; adding to it must go well.
    private func count(_ header: String, from least: Int) -> Int {
        min(max(message.headers[header]?.number ?? least, least), 1_000_000)
    }
}

extension [String: FieldValue] {
    /// Without what the broker writes about a message's way. Sent on, `x-death` makes it believe
    /// that the message goes round in a circle, and it drops it.
    var withoutBrokerMarks: [String: FieldValue] {
        filter { key, _ in !key.hasPrefix("x-") }
    }

    /// Without what strangers wrote there, where it would leave no room for what we write.
    fileprivate var fitting: [String: FieldValue] {
        guard wireBytes > Posting.headerBytes else { return self }
        return filter { key, _ in
            ["cloudEvents", "millrace-", "trace"].contains { key.hasPrefix($0) }
        }
    }
}

extension String {
    /// The beginning, at most so many bytes of UTF-8, with a sign that there was more.
    func cut(toBytes limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var kept = ""
        var bytes = 3  // of the ellipsis
        for character in self {
            bytes += character.utf8.count
            if bytes > limit { break }
            kept.append(character)
        }
        return kept + "…"
    }
}
