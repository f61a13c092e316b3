import Events
public import Foundation

/// An event that a service has set aside for a person, or that the broker took away from it.
public struct DeadLetter: Sendable, Equatable {
    /// The event's id; one made from what the message holds where it has none that can be used.
    public let id: String
    /// e.g. `object.landed`; `unknown` when it cannot be read.
    public let kind: String
    public let pipeline: String
    public let dataset: String
    /// The service that gave up; `unrouted` for what the broker could bring nowhere.
    public let service: String
    /// The work queue that it came from, and goes to when it is sent through again.
    public let queue: String
    /// `failed`, `permanent`, `poison`, `skipped`, the broker's `delivery_limit`, `rejected`,
    /// `expired`, `maxlen`, or `unrouted`.
    public let reason: String
    public let errorClass: String
    public let errorMessage: String
    public let attempts: Int
    public let firstFailedAt: Date?
    public let lastFailedAt: Date?
    public let host: String
    /// How often a person has sent it through again.
    public let replays: Int
    /// The id of the trace that it belongs to.
    public let trace: String?
    /// Tells this failure from an earlier or a later one of the same event.
    public let failure: String
    /// The same for what fails in the same way: service, error class, message without its numbers.
    public let fingerprint: String
    public let message: Message

    /// What stands for a service where none is to blame: the broker could bring it nowhere.
    public static let unrouted = "unrouted"

    /// - Parameters:
    ///   - service: Whose dead queue it was in.
    ///   - routingKey: What it came into that queue with.
    init(_ message: Message, of service: String, routingKey: String) {
        let headers = message.headers
        func text(_ name: String) -> String? { headers[name]?.text?.printable }
        func time(_ name: String) -> Date? {
            text(name).flatMap(EventJSON.date(from:)).flatMap(Self.plausible)
        }
        func count(_ name: String) -> Int { min(max(0, headers[name]?.number ?? 0), 1_000_000) }
        let death = BrokerDeath(headers)
        let cause = Cause(headers, service, routingKey, death)
        id = Self.id(of: message)
        kind =
            text("cloudEvents:type").flatMap(EventKind.init(cloudEventType:))?
            .rawValue.cut(toBytes: 100) ?? "unknown"
        pipeline = text("cloudEvents:pipeline")?.cut(toBytes: 80) ?? "_"
        dataset = text("cloudEvents:dataset")?.cut(toBytes: 80) ?? "_"
        self.service = service
        queue = routingKey.printable
        reason = cause.reason
        errorClass = cause.errorClass
        errorMessage = cause.errorMessage
        attempts = max(1, count(MillraceHeader.attempt))
        lastFailedAt =
            (cause.isOurs ? time(MillraceHeader.lastFailedAt) : nil)
            ?? death?.time.flatMap(Self.plausible)
        firstFailedAt = time(MillraceHeader.firstFailedAt) ?? lastFailedAt
        host = text(MillraceHeader.host)?.cut(toBytes: 255) ?? ""
        replays = count(MillraceHeader.replays)
        trace = text("traceparent").flatMap(TraceContext.init(traceparent:))?.traceID
        failure = Self.failure(replays, cause.reason, lastFailedAt, message)
        fingerprint = Self.digest([service, errorClass, errorMessage.withoutNumbers])
        self.message = message
    }

    /// Ready to go through again: as it was before it failed, but counted.
    ///
    /// - Parameter isLastAttempt: A failure then sets it aside at once, instead of after the
    ///   delays of further attempts.
    public static func renewed(
        _ message: Message, id: String, replays: Int, isLastAttempt: Bool = false
    ) -> Message {
        var message = message
        let headers = message.headers
        message.id = id
        message.expirationMilliseconds = nil
        message.headers = headers.withoutBrokerMarks.filter { key, _ in
            !key.hasPrefix("millrace-") || key == MillraceHeader.causation
        }
        message.headers[MillraceHeader.replays] = .number(replays)
        if isLastAttempt {
            // Where nobody has said how many there are, more than anybody would set.
            message.headers[MillraceHeader.attempt] =
                headers[MillraceHeader.maximumAttempts] ?? .number(100)
        }
        return message
    }

    /// PostgreSQL and a reader can do nothing with a time outside of these centuries.
    private static func plausible(_ date: Date) -> Date? {
        (0..<7_258_118_400).contains(date.timeIntervalSince1970) ? date : nil
    }

    private static func id(of message: Message) -> String {
        let names = [message.id, message.headers["cloudEvents:id"]?.text ?? ""]
        let usable = names.first { name in
            !name.isEmpty && name.utf8.count <= 200
                && name.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F }
        }
        return usable ?? "letter-" + digest([message.content])
    }

    /// The broker hands the same failure over as often as it is not acknowledged: it must be the
    /// same then. A message without any time of failure is told by what it holds.
    private static func failure(
        _ replays: Int, _ reason: String, _ time: Date?, _ message: Message
    ) -> String {
        let mark = time.map(EventJSON.text(of:)) ?? digest([message.content])
        return "\(replays) \(reason) \(mark)"
    }

    private static func digest(_ parts: [String]) -> String {
        String(SHA256.hex(of: Data(parts.joined(separator: "\n").utf8)).prefix(24))
    }
}

extension Message {
    /// All that it holds, but for the count of how often it was looked at.
    fileprivate var content: String {
        let told = headers.filter { $0.key != "x-delivery-count" }
            .map { "\($0.key)=\($0.value.digestible)" }.sorted()
        return told.joined(separator: "\n") + "\n" + SHA256.hex(of: body)
    }
}

extension FieldValue {
    /// The same text for the same value: a dictionary has no order of its own.
    fileprivate var digestible: String {
        switch self {
        case .table(let values):
            values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.digestible)" }.joined()
        case .list(let values): values.map(\.digestible).joined(separator: ",")
        default: "\(self)"
        }
    }
}

extension String {
    /// Without NUL, which PostgreSQL does not take.
    var printable: String { contains("\0") ? replacing("\0", with: "\u{2400}") : self }

    /// What stays the same when the same thing goes wrong with something else.
    fileprivate var withoutNumbers: String {
        var text = ""
        for word in split(whereSeparator: { " \n\t,;:()[]\"'`/".contains($0) }) {
            text += word.contains(where: \.isNumber) ? "# " : "\(word) "
        }
        return text.cut(toBytes: 300)
    }
}
