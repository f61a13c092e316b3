import Events
public import Foundation

/// An event that a service has set aside for a person, or that the broker took away from it.
public struct DeadLetter: Sendable, Equatable {
    /// The event's id.
    public let id: String
    /// e.g. `object.landed`; `unknown` when it cannot be read.
    public let kind: String
    public let pipeline: String
    public let dataset: String
    /// The service that gave up.
    public let service: String
    /// `failed`, `permanent`, `poison`, `skipped`, or the broker's `delivery_limit`, `rejected`.
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
    /// The event's data as text.
    public let data: String

    init(_ message: Message, of service: String) {
        let headers = message.headers
        func text(_ name: String) -> String? { headers[name]?.text }
        func time(_ name: String) -> Date? { text(name).flatMap(EventJSON.date(from:)) }
        let type = text("cloudEvents:type").flatMap(EventKind.init(cloudEventType:))
        id = message.id
        kind = type?.rawValue ?? "unknown"
        pipeline = text("cloudEvents:pipeline") ?? "_"
        dataset = text("cloudEvents:dataset") ?? "_"
        self.service = service
        let death = Self.lastDeath(headers)
        reason = text(MillraceHeader.reason) ?? death ?? "unknown"
        errorClass = text(MillraceHeader.errorClass) ?? "broker.\(death ?? "unknown")"
        errorMessage =
            text(MillraceHeader.errorMessage)
            ?? "the service was handed it too often without an answer: it may crash on it"
        attempts = headers[MillraceHeader.attempt]?.number ?? 1
        firstFailedAt = time(MillraceHeader.firstFailedAt)
        lastFailedAt = time(MillraceHeader.lastFailedAt)
        host = text(MillraceHeader.host) ?? ""
        replays = headers[MillraceHeader.replays]?.number ?? 0
        trace = text("traceparent").flatMap(TraceContext.init(traceparent:))?.traceID
        data = String(decoding: message.body, as: UTF8.self)
    }

    /// Why the broker itself dead-lettered it: the newest entry of `x-death`.
    private static func lastDeath(_ headers: [String: FieldValue]) -> String? {
        guard case .list(let deaths)? = headers["x-death"], case .table(let last)? = deaths.first
        else { return nil }
        return last["reason"]?.text
    }
}
