import Events
import Foundation
import Outbound
import Postgres
import Warehouse

extension Delivery {
    /// What a delivery needs of its subscription, `s`.
    static let subscriptionColumns = """
        s.subscription_id, s.email, s.webhook, s.command as program, s.body, s.secret,
        s.throttle_seconds, s.delivery_policy,
        case when s.previous_secret_until > now() then s.previous_secret end as previous_secret,
        to_json(s.allow_private) as allow_private, s.adapter, s.template
        """

    init(row: PostgresRow) throws {
        guard let kind = Alert.Kind(rawValue: try row.text("kind")),
            let severity = AlertSeverity(rawValue: try row.text("severity")),
            let seconds = Double(try row.text("seconds"))
        else { throw PostgresError(.shape, "millrace.alerts holds an alert of unknown form") }
        var alert = Alert(
            id: try row.text("alert_id"), kind: kind, key: try row.text("key"),
            topic: try row.text("topic"), severity: severity, pipeline: try row.text("pipeline"),
            dataset: try row.text("dataset"), batch: row["batch"], title: try row.text("title"),
            detail: try row.text("detail"), command: row["command"],
            time: Date(timeIntervalSince1970: seconds))
        alert.owner = row["owner"]
        alert.notice = try Notice(row: row)
        let policy = try row["delivery_policy"].map { try DeliveryPolicy(json: $0) }
        self.init(
            id: try row.text("delivery_id"), subscription: try row.text("subscription_id"),
            target: try Target(row: row), alert: alert, attempts: try row.integer("attempts"),
            tries: try row.integer("tries"), retries: policy?.retries.map(RetryPolicy.init),
            gap: .seconds(Double(try row.text("throttle_seconds")) ?? 0), thread: row["thread"])
    }
}

extension Delivery.Target {
    fileprivate init(row: PostgresRow) throws {
        let form = WebhookBody.Form(rawValue: try row.text("body")) ?? .envelope
        if let address = row["email"].flatMap(MailAddress.init) {
            self = .email(address)
        } else if let url = row["webhook"], let secret = row["secret"].flatMap(WebhookSecret.init) {
            let previous = row["previous_secret"].flatMap(WebhookSecret.init)
            let networks = try EventJSON.decode(
                [String].self, from: Data(row.text("allow_private").utf8))
            self = .webhook(
                Delivery.Webhook(
                    url: url, secrets: [secret] + (previous.map { [$0] } ?? []),
                    allowed: networks.compactMap(Network.init), form: form,
                    adapter: try WebhookAdapter(row["adapter"], template: row["template"])))
        } else if let program = row["program"] {
            self = .command(program, form)
        } else {
            self = .unusable("the subscription has no usable address or secret")
        }
    }
}
