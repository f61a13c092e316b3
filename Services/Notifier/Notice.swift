import Events
import Foundation
import Postgres

/// What one subscriber is told at once: an alert, or several of a group, or a digest.
struct Notice: Sendable, Equatable {
    /// Why it is told now.
    enum Reason: String, Sendable {
        /// Something was raised or is over.
        case news
        /// It was told before and is not over.
        case `repeat`
        case digest
    }

    /// One of the alerts, as it was when the notice was made: each attempt says the same.
    struct Item: Codable, Sendable, Equatable {
        let id: String
        let kind: String
        let severity: AlertSeverity
        let topic: String
        let pipeline: String
        let dataset: String
        let batch: String?
        let title: String
        let command: String?
        let time: Date
        /// How often it was raised since it was told last.
        let raised: Int

        /// `critical`, … or `resolved`.
        var word: String { kind == Alert.Kind.resolved.rawValue ? kind : severity.rawValue }
    }

    let reason: Reason
    /// The oldest first; no more than `limit`.
    let items: [Item]
    /// How many alerts there are, those beyond `items` included.
    let count: Int
    let madeAt: Date

    /// More than that many alerts are counted and not listed.
    static let limit = 100

    /// What `init(row:)` reads of `millrace.deliveries as d`.
    static let columns = """
        d.reason as notice_reason, d.alerts as notice_alerts, d.alert_count as notice_count,
        extract(epoch from d.created_at) as notice_seconds
        """

    init(reason: Reason, items: [Item], count: Int, madeAt: Date) {
        self.reason = reason
        self.items = items
        self.count = count
        self.madeAt = madeAt
    }

    init(row: PostgresRow) throws {
        guard let reason = Reason(rawValue: try row.text("notice_reason")),
            let seconds = Double(try row.text("notice_seconds"))
        else { throw PostgresError(.shape, "millrace.deliveries holds one of unknown form") }
        let items = try row["notice_alerts"].map {
            try EventJSON.decode([Item].self, from: Data($0.utf8))
        }
        self.init(
            reason: reason, items: items ?? [], count: try row.integer("notice_count"),
            madeAt: Date(timeIntervalSince1970: seconds))
    }

    /// A line for each alert where there are several, or what there is to say of one.
    var lines: [String] {
        guard count > 1 else { return items.flatMap(note) }
        let more = count - items.count
        return items.map(line)
            + (more > 0 ? ["… and \(more) more: millrace alerts --all"] : [])
    }

    private func line(_ item: Item) -> String {
        "\(item.word)  \(item.topic)  \(item.title)" + times(item)
            + (age(item).map { ", \($0) before this was sent" } ?? "")
            + (item.command.map { "\n    \($0)" } ?? "")
    }

    private func note(_ item: Item) -> [String] {
        let times = times(item).isEmpty ? nil : "Raised \(item.raised) times since you were told."
        let again = reason == .repeat ? "It is not over yet." : nil
        let age = age(item).map { "\(item.kind) \($0) before this was sent." }
        return [again, times, age].compactMap(\.self)
    }

    private func times(_ item: Item) -> String {
        item.raised > 1 ? ", \(item.raised) times" : ""
    }

    /// Nil within the minute in which people are told anyway.
    private func age(_ item: Item) -> String? {
        let seconds = Int(madeAt.timeIntervalSince(item.time))
        switch seconds {
        case ..<60: return nil
        case ..<7_200: return "\(seconds / 60) min"
        case ..<172_800: return "\(seconds / 3_600) h"
        default: return "\(seconds / 86_400) days"
        }
    }
}

extension Alert {
    /// The title, with how many more there are.
    var headline: String {
        guard let notice else { return title }
        let again = notice.reason == .repeat ? "still: " : ""
        return notice.count > 1 ? "\(again)\(title) (and \(notice.count - 1) more)" : again + title
    }
}
