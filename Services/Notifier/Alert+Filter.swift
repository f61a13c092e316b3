import Events
import Filters
import Warehouse

extension FilterMessage {
    /// What filter policies look at in an alert: its attributes, and as the body what a webhook of
    /// the form `raw` gets.
    init(_ alert: Alert) throws {
        var attributes: [String: JSONValue] = [
            "dataset": .text(alert.dataset), "key": .text(alert.key),
            "kind": .text(alert.kind.rawValue), "pipeline": .text(alert.pipeline),
            "severity": .text(alert.severity.rawValue), "topic": .text(alert.topic),
        ]
        attributes["batch"] = alert.batch.map(JSONValue.text)
        self.init(attributes: attributes, body: try WebhookBody(alert).encoded(.raw))
    }
}
