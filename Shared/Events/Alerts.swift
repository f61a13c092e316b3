public import struct Foundation.Date

/// How much an alert matters.
public enum AlertSeverity: String, Codable, Sendable, CaseIterable {
    case info, warning, critical
}

/// Something a person should know.
public struct AlertRaised: EventData {
    public static let kind = EventKind.alertRaised
    /// What alerts about the same thing have in common, so that a later one resolves this one:
    /// e.g. `check:goodreads.reviews:not_null(review_id)`.
    public var key: String
    /// The kind of alert, one of `topics`.
    public var topic: String
    public var severity: AlertSeverity
    public var pipeline: String
    /// `_` where it is about the whole pipeline or a service.
    public var dataset: String
    public var batch: ULID?
    /// One line.
    public var title: String
    /// Plain text, a few lines.
    public var detail: String
    /// The command to type next.
    public var command: String?
    public var raisedAt: Date

    public init(
        key: String, topic: String, severity: AlertSeverity, pipeline: String, dataset: String,
        batch: ULID?, title: String, detail: String, command: String?, raisedAt: Date = Date()
    ) {
        self.key = key
        self.topic = topic
        self.severity = severity
        self.pipeline = pipeline
        self.dataset = dataset
        self.batch = batch
        self.title = title
        self.detail = detail
        self.command = command
        self.raisedAt = raisedAt
    }

    public var subject: String { dataset }

    /// All kinds of alerts.
    public static let topics = [
        "backlog", "batch_refused", "check_failed", "check_warned", "contract_broken",
        "dead_letter", "disk_low", "freshness_missed", "latency_slo", "model_failed",
        "rejects_over", "run_failed", "run_succeeded", "schema_changed", "service_down",
        "service_paused",
        "subscription_disabled",
    ]

    /// Those that say what has happened: they cannot be over.
    public static let moments: Set = ["run_succeeded", "schema_changed"]
}

/// What an earlier alert said is over.
public struct AlertResolved: EventData {
    public static let kind = EventKind.alertResolved
    public var key: String
    public var topic: String
    public var pipeline: String
    public var dataset: String
    public var title: String
    public var resolvedAt: Date

    public init(
        key: String, topic: String, pipeline: String, dataset: String, title: String,
        resolvedAt: Date = Date()
    ) {
        self.key = key
        self.topic = topic
        self.pipeline = pipeline
        self.dataset = dataset
        self.title = title
        self.resolvedAt = resolvedAt
    }

    public var subject: String { dataset }
}
