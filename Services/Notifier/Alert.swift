import Events
import Foundation

/// An alert, or the news that one is over, as it is kept and told.
struct Alert: Sendable, Equatable {
    /// Which of the two.
    enum Kind: String, Sendable {
        case raised, resolved
    }

    /// The id of the event that brought it.
    var id: String
    var kind: Kind
    var key: String
    var topic: String
    var severity: AlertSeverity
    var pipeline: String
    var dataset: String
    var batch: String?
    var title: String
    var detail: String
    var command: String?
    var time: Date
    /// Who looks after it, as its pipeline says.
    var owner: String?
    /// Weekly times in which nobody is told of it, as `millrace.alerts` keeps them.
    var mutes: String?
    /// Only for subscriptions that name its topic, not for `*`.
    var isForNamed = false
    /// What it is told together with; nil where it is not told yet.
    var notice: Notice?

    init(
        id: String, kind: Kind, key: String, topic: String, severity: AlertSeverity,
        pipeline: String, dataset: String, batch: String?, title: String, detail: String,
        command: String?, time: Date
    ) {
        self.id = id
        self.kind = kind
        self.key = key
        self.topic = topic
        self.severity = severity
        self.pipeline = pipeline
        self.dataset = dataset
        self.batch = batch
        self.title = title
        self.detail = detail
        self.command = command
        self.time = time
    }

    init(_ alert: AlertRaised, id: String) {
        self.init(
            id: id, kind: .raised, key: alert.key, topic: alert.topic, severity: alert.severity,
            pipeline: alert.pipeline, dataset: alert.dataset, batch: alert.batch?.description,
            title: alert.title, detail: alert.detail, command: alert.command, time: alert.raisedAt)
    }

    init(_ alert: AlertResolved, id: String) {
        self.init(
            id: id, kind: .resolved, key: alert.key, topic: alert.topic, severity: .info,
            pipeline: alert.pipeline, dataset: alert.dataset, batch: nil, title: alert.title,
            detail: "", command: nil, time: alert.resolvedAt)
    }

    /// `warning`, `critical`, … or `resolved`.
    var word: String { kind == .resolved ? kind.rawValue : severity.rawValue }
}
