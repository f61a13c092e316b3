import Events
import Foundation

/// Something that is wrong as long as it can be seen from outside.
struct Condition: Sendable {
    let key: String
    let topic: String
    let severity: AlertSeverity
    let pipeline: String
    let dataset: String
    var batch: String?
    let title: String
    let detail: String
    let command: String

    /// The topics of all that is watched: an open alert of one of them whose condition cannot be
    /// seen any more is over.
    static let topics = ["run_failed", "service_down", "backlog"]

    func alert(at time: Date) -> Alert {
        Alert(
            id: ULID().description, kind: .raised, key: key, topic: topic, severity: severity,
            pipeline: pipeline, dataset: dataset, batch: batch, title: title, detail: detail,
            command: command, time: time)
    }
}

extension Alert {
    /// As others hear of it.
    func event(from source: String) throws -> Event {
        switch kind {
        case .raised:
            try Event(
                AlertRaised(
                    key: key, topic: topic, severity: severity, pipeline: pipeline,
                    dataset: dataset, batch: batch.flatMap(ULID.init), title: title,
                    detail: detail, command: command, raisedAt: time), id: id, from: source)
        case .resolved:
            try Event(
                AlertResolved(
                    key: key, topic: topic, pipeline: pipeline, dataset: dataset, title: title,
                    resolvedAt: time), id: id, from: source)
        }
    }
}
