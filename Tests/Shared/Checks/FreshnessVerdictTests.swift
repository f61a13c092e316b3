import Foundation
import Pipelines
import Testing

@testable import Checks

@Suite("Freshness at a moment", .timeLimit(.minutes(5)))
struct FreshnessVerdictTests {
    private static func moment(_ text: String) throws -> Date {
        try Date(text, strategy: .iso8601)
    }

    private func isMissed(
        _ rule: Freshness, published: String? = nil, newest: String? = nil,
        since: String = "2026-01-01T00:00:00Z", now: String
    ) throws -> Bool {
        let arrival = Arrival(
            published: try published.map(Self.moment), newest: try newest.map(Self.moment))
        return FreshnessVerdict(
            rule, arrival, since: try Self.moment(since), now: try Self.moment(now)
        ).missedAt != nil
    }

    @Test("misses a publish after a silence, counted from the watch's begin where there was none")
    func silence() throws {
        let rule = Freshness.silence(seconds: 3600)
        #expect(try !isMissed(rule, now: "2026-01-01T01:00:00Z"))
        #expect(try isMissed(rule, now: "2026-01-01T01:00:01Z"))
        let published = "2026-01-05T12:00:00Z"
        #expect(try !isMissed(rule, published: published, now: "2026-01-05T13:00:00Z"))
        #expect(try isMissed(rule, published: published, now: "2026-01-05T13:01:00Z"))
    }

    @Test("misses newer values, whatever was published")
    func age() throws {
        let rule = Freshness.age(column: "seen_at", seconds: 3600, timeZone: "UTC")
        let (published, newest) = ("2026-01-05T12:00:00Z", "2026-01-05T10:00:00Z")
        #expect(
            try !isMissed(
                rule, published: published, newest: newest, now: "2026-01-05T11:00:00Z"))
        #expect(
            try isMissed(rule, published: published, newest: newest, now: "2026-01-05T12:00:00Z"))
    }

    private static let rows: [(String?, String, Bool)] = [
        // Before the first due time nothing is owed: Monday the 5th, 07:00 in Berlin.
        (nil, "2026-01-05T05:59:00Z", false),
        (nil, "2026-01-05T06:00:00Z", true),
        // Of the same day, before it is due.
        ("2026-01-05T03:00:00Z", "2026-01-05T06:00:00Z", false),
        // Of the evening before.
        ("2026-01-04T22:00:00Z", "2026-01-05T06:00:00Z", true),
        // Late, but there.
        ("2026-01-05T09:00:00Z", "2026-01-05T10:00:00Z", false),
        // Yesterday's late one is none of today.
        ("2026-01-05T09:00:00Z", "2026-01-06T06:30:00Z", true),
        // Nothing is due at the weekend.
        ("2026-01-09T05:00:00Z", "2026-01-11T12:00:00Z", false),
        ("2026-01-09T05:00:00Z", "2026-01-12T06:00:00Z", true),
    ]

    @Test("misses a publish between two times of a day, in the zone's own time", arguments: rows)
    func deadline(published: String?, now: String, isMissed: Bool) throws {
        let rule = Freshness.deadline(
            Freshness.Deadline(
                due: try Cron("0 7 * * mon-fri"), timeZone: "Europe/Berlin",
                windowSeconds: 7 * 3600))
        #expect(
            try self.isMissed(rule, published: published, since: "2026-01-04T12:00:00Z", now: now)
                == isMissed)
    }

    @Test("says what is missing in words")
    func words() throws {
        let deadline = Freshness.Deadline(
            due: try Cron("0 7 * * *"), timeZone: "Europe/Berlin", windowSeconds: 3600)
        let now = try Self.moment("2026-07-05T06:00:00Z")
        #expect(
            FreshnessVerdict(
                .deadline(deadline), Arrival(), since: now.addingTimeInterval(-86_400), now: now
            ).message == "nothing was published for 07:00 of 2026-07-05 (Europe/Berlin)")
        #expect(
            FreshnessVerdict(
                .age(column: "at", seconds: 7200, timeZone: "UTC"),
                Arrival(newest: now.addingTimeInterval(-93_900)), since: now, now: now
            ).message == "the newest at is 1 d 2 h old; wanted is at most 2 h")
    }
}
