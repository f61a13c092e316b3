import Events
import Filters
import Warehouse

/// Subscriptions as records.
enum SubscriptionTable {
    /// - Parameter secret: Of the only one, where it was just made.
    static func table(
        _ subscriptions: [Subscription], secret: String? = nil, for format: OutputFormat
    ) -> Table {
        format == .table && secret == nil ? short(subscriptions) : whole(subscriptions, secret)
    }

    /// What fits a line: the rest is shown by `subscriptions show`.
    private static func short(_ subscriptions: [Subscription]) -> Table {
        let columns: [Table.Column] = [
            .init("subscription", isWhole: true), "topic", "pipeline", "channel", "target",
            "state",
        ]
        var table = Table(columns: columns)
        for subscription in subscriptions { table.add(names(subscription)) }
        return table
    }

    private static func names(_ subscription: Subscription) -> [Cell] {
        [
            Cell(subscription.id), Cell(subscription.topic), Cell(subscription.pipeline),
            Cell(subscription.channel.rawValue), Cell(subscription.target), state(subscription),
        ]
    }

    /// Whether it is told of alerts, in a word.
    static func state(_ subscription: Subscription) -> Cell {
        if subscription.disabledAt != nil { return Cell("disabled", .bad) }
        return switch subscription.state {
        case .confirmed: Cell(subscription.state.rawValue, .good)
        case .pending: Cell(subscription.state.rawValue, .warned)
        case .unsubscribed: Cell(subscription.state.rawValue, .dim)
        }
    }

    private static func whole(_ subscriptions: [Subscription], _ secret: String?) -> Table {
        var columns: [Table.Column] = [
            .init("subscription", isWhole: true), "topic", "pipeline", "channel", "target",
            "state", "body", "filter", "filter_scope", "created_at", "confirmed_at",
            "confirmed_by", "challenge_error", "disabled_at",
        ]
        if secret != nil { columns.append(.init("secret", isWhole: true)) }
        var table = Table(columns: columns)
        for subscription in subscriptions {
            let scope = subscription.filter == nil ? nil : subscription.filterScope.rawValue
            let cells = [
                Cell(subscription.body.rawValue), Cell(subscription.filter), Cell(scope),
                Cell(EventJSON.text(of: subscription.createdAt), .dim),
                Cell(subscription.confirmedAt.map(EventJSON.text), .dim),
                Cell(subscription.confirmedBy), Cell(subscription.challengeError, .bad),
                Cell(subscription.disabledAt.map(EventJSON.text), .bad),
            ]
            table.add(names(subscription) + cells + (secret.map { [Cell($0)] } ?? []))
        }
        return table
    }
}
