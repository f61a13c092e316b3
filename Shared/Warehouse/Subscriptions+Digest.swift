public import Events
import Foundation
import Postgres

/// When a subscription is told, where that is not as alerts come.
public enum Digest: Sendable, Equatable {
    /// At each full hour.
    case hourly
    /// Once a day, at a time on the wall of a zone.
    case daily(clock: String, zone: String)

    /// Reads `hourly`, or `daily` with a time and perhaps a zone: `daily 07:00 Europe/Berlin`.
    ///
    /// - Throws: A permanent `HandlingError` that says what is wrong.
    public init(_ words: [String]) throws(HandlingError) {
        switch (words.first, words.count) {
        case ("hourly", 1):
            self = .hourly
        case ("daily", 2...3):
            let zone = words.count == 3 ? words[2] : "UTC"
            guard words[1].wholeMatch(of: /([01][0-9]|2[0-3]):[0-5][0-9]/) != nil else {
                throw Self.mistake("`\(words[1])` is no time of the day: write one such as 07:00")
            }
            guard zone == "UTC" || zone.contains("/"), TimeZone(identifier: zone) != nil else {
                throw Self.mistake(
                    "there is no time zone `\(zone)`: write its IANA name, like Europe/Berlin")
            }
            self = .daily(clock: words[1], zone: zone)
        default:
            throw Self.mistake("write hourly, or daily 07:00 Europe/Berlin")
        }
    }

    /// As `millrace.subscriptions` keeps it.
    public var text: String {
        switch self {
        case .hourly: "hourly"
        case .daily(let clock, let zone): "daily \(clock) \(zone)"
        }
    }

    private static func mistake(_ sentence: String) -> HandlingError {
        HandlingError(.permanent, "subscription.digest", sentence)
    }
}

extension Subscriptions {
    /// Gathers what a subscription is told into digests; nil tells it as it comes.
    ///
    /// - Returns: False when there is none of that id.
    public func set(_ digest: Digest?, of id: String) async throws -> Bool {
        let sql = """
            update millrace.subscriptions set digest = $2
            where subscription_id = upper($1)
                and ($2::text is null or millrace.next_digest($2, now()) is not null)
            returning subscription_id
            """
        return try await !pool.query(sql, [id, digest?.text]).isEmpty
    }
}
