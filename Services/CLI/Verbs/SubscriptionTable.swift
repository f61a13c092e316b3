import Events
import Warehouse

/// Subscriptions as records.
enum SubscriptionTable {
    /// - Parameter secret: Of the only one, where it was just made.
    static func table(
        _ subscriptions: [Subscription], secret: String? = nil, for format: OutputFormat
    ) -> Table {
        format == .table && secret == nil ? short(subscriptions) : whole(subscriptions, secret)
    }

    /// What fits a line: when it was made is for scripts.
    private static func short(_ subscriptions: [Subscription]) -> Table {
        let hasDisabled = subscriptions.contains { $0.disabledAt != nil }
        let columns: [Table.Column] = [
            .init("subscription", isWhole: true), "topic", "pipeline", "channel", "target",
        ]
        var table = Table(columns: columns + (hasDisabled ? ["disabled_at"] : []))
        for subscription in subscriptions {
            let disabled = Cell(subscription.disabledAt.map(EventJSON.text), .bad)
            let cells = [
                Cell(subscription.id), Cell(subscription.topic), Cell(subscription.pipeline),
                Cell(subscription.channel.rawValue), Cell(subscription.target),
            ]
            table.add(cells + (hasDisabled ? [disabled] : []))
        }
        return table
    }

    private static func whole(_ subscriptions: [Subscription], _ secret: String?) -> Table {
        var columns: [Table.Column] = [
            .init("subscription", isWhole: true), "topic", "pipeline", "channel", "target",
            "created_at", "disabled_at",
        ]
        if secret != nil { columns.append(.init("secret", isWhole: true)) }
        var table = Table(columns: columns)
        for subscription in subscriptions {
            let cells = [
                Cell(subscription.id), Cell(subscription.topic), Cell(subscription.pipeline),
                Cell(subscription.channel.rawValue), Cell(subscription.target),
                Cell(EventJSON.text(of: subscription.createdAt), .dim),
                Cell(subscription.disabledAt.map(EventJSON.text), .bad),
            ]
            table.add(cells + (secret.map { [Cell($0)] } ?? []))
        }
        return table
    }
}
