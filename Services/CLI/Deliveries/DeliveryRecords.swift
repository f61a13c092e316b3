import Events
import Foundation
import Warehouse

/// Deliveries and the attempts at them as records.
enum DeliveryRecords {
    static func table(_ deliveries: [DeliveryRecord], for format: OutputFormat) -> Table {
        format == .table ? short(deliveries) : whole(deliveries)
    }

    private static func short(_ deliveries: [DeliveryRecord]) -> Table {
        var table = Table(
            .init("delivery", isWhole: true), "state", "topic", "target", "tries", "made", "answer")
        for delivery in deliveries {
            table.add([
                Cell(delivery.id), state(delivery), Cell(delivery.topic), Cell(delivery.target),
                Cell(delivery.attempts), Cell(TimeText.stamp(delivery.createdAt), .dim),
                Cell(delivery.error ?? delivery.code.map(String.init)),
            ])
        }
        return table
    }

    private static func whole(_ deliveries: [DeliveryRecord]) -> Table {
        var table = Table(
            "delivery", "subscription", "target", "alert", "topic", "title", "state", "attempts",
            "created_at", "next_attempt_at", "delivered_at", "code", "error")
        for delivery in deliveries {
            table.add([
                Cell(delivery.id), Cell(delivery.subscription), Cell(delivery.target),
                Cell(delivery.alert), Cell(delivery.topic), Cell(delivery.title),
                Cell(delivery.state.rawValue), Cell(delivery.attempts),
                Cell(EventJSON.text(of: delivery.createdAt)),
                Cell(delivery.nextAttemptAt.map(EventJSON.text)),
                Cell(delivery.deliveredAt.map(EventJSON.text)), Cell(delivery.code),
                Cell(delivery.error),
            ])
        }
        return table
    }

    /// What a state looks like.
    static func state(_ delivery: DeliveryRecord) -> Cell {
        switch delivery.state {
        case .pending: Cell(delivery.state.rawValue, .warned)
        case .sent: Cell(delivery.state.rawValue, .good)
        case .failed: Cell(delivery.state.rawValue, .bad)
        }
    }

    static func table(
        _ attempts: [DeliveryRecord.Attempt], for format: OutputFormat
    ) -> Table {
        var table = Table(
            "attempt", "at", "took", "outcome", "code", "error", "answer", "notifier")
        for attempt in attempts {
            let seconds = attempt.endedAt.map { $0.timeIntervalSince(attempt.startedAt) }
            let at =
                format == .table
                ? TimeText.stamp(attempt.startedAt) : EventJSON.text(of: attempt.startedAt)
            let took = format == .table ? Cell(seconds.map(TimeText.seconds)) : Cell(seconds)
            table.add([
                Cell(attempt.number), Cell(at, .dim), took,
                Cell(attempt.outcome ?? "no end known"), Cell(attempt.code), Cell(attempt.error),
                Cell(attempt.answer), Cell(attempt.notifier),
            ])
        }
        return table
    }
}
