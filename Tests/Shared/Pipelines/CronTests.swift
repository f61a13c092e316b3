import Foundation
import Pipelines
import Testing

@Suite("A cron schedule")
struct CronTests {
    /// The first due times behind a moment, as local times with their offset.
    private static func due(
        _ text: String, in zone: String, after moment: String, count: Int = 3
    ) throws -> [String] {
        let cron = try Cron(text)
        let zone = try #require(TimeZone(identifier: zone))
        var moment = try Date(moment, strategy: .iso8601)
        return try (0..<count).map { _ in
            moment = try #require(cron.next(after: moment, in: zone))
            let offset = zone.secondsFromGMT(for: moment)
            let wall = moment.addingTimeInterval(Double(offset))
            return wall.ISO8601Format().dropLast().dropFirst(5).dropLast(3) + " +\(offset / 60)"
        }
    }

    @Test(
        "names its times",
        arguments: [
            ("0 6 * * mon-fri", ["11-20T06:00", "11-23T06:00", "11-24T06:00"]),
            ("*/20 9-10 * * *", ["11-20T09:00", "11-20T09:20", "11-20T09:40"]),
            ("5,35 * * * *", ["11-20T00:05", "11-20T00:35", "11-20T01:05"]),
            ("0 0 1 jan,jul *", ["01-01T00:00", "07-01T00:00", "01-01T00:00"]),
            ("0 12 13 * fri", ["11-20T12:00", "11-27T12:00", "12-04T12:00"]),
            ("0 12 */10 * fri", ["12-11T12:00", "01-01T12:00", "05-21T12:00"]),
            ("0 0 29 2 *", ["02-29T00:00", "02-29T00:00", "02-29T00:00"]),
            ("0 0 * * 7", ["11-22T00:00", "11-29T00:00", "12-06T00:00"]),
            ("10-30/10 0 31 * *", ["12-31T00:10", "12-31T00:20", "12-31T00:30"]),
            ("@daily", ["11-20T00:00", "11-21T00:00", "11-22T00:00"]),
            ("@hourly", ["11-20T00:00", "11-20T01:00", "11-20T02:00"]),
        ])
    func times(text: String, expected: [String]) throws {
        let found = try Self.due(text, in: "UTC", after: "2026-11-19T23:59:59Z")
        #expect(found == expected.map { "\($0) +0" })
    }

    @Test("runs a time that the clock skips once, at the next valid minute")
    func skipped() throws {
        for text in ["30 2 * * *", "0,15,30,45 2 * * *"] {
            let berlin = try Self.due(text, in: "Europe/Berlin", after: "2026-03-28T22:00:00Z")
            #expect(berlin.first == "03-29T03:00 +120")
            #expect(berlin[1].hasPrefix("03-30T02:"))
        }
        let york = try Self.due("30 2 * * *", in: "America/New_York", after: "2026-03-08T01:00:00Z")
        #expect(york == ["03-08T03:00 +-240", "03-09T02:30 +-240", "03-10T02:30 +-240"])
        // Half an hour: 02:00 to 02:30.
        let howe = try Self.due(
            "15 2 * * *", in: "Australia/Lord_Howe", after: "2026-10-03T00:00:00Z")
        #expect(howe == ["10-04T02:30 +660", "10-05T02:15 +660", "10-06T02:15 +660"])
        let both = try Self.due("0 2,3 * * *", in: "Europe/Berlin", after: "2026-03-28T22:00:00Z")
        #expect(both == ["03-29T03:00 +120", "03-30T02:00 +120", "03-30T03:00 +120"])
    }

    @Test("runs a time that comes twice the first time only")
    func repeated() throws {
        let berlin = try Self.due("30 2 * * *", in: "Europe/Berlin", after: "2026-10-24T20:00:00Z")
        #expect(berlin == ["10-25T02:30 +120", "10-26T02:30 +60", "10-27T02:30 +60"])
        let york = try Self.due("30 1 * * *", in: "America/New_York", after: "2026-10-31T12:00:00Z")
        #expect(york == ["11-01T01:30 +-240", "11-02T01:30 +-300", "11-03T01:30 +-300"])
        let howe = try Self.due(
            "45 1 * * *", in: "Australia/Lord_Howe", after: "2026-04-04T00:00:00Z")
        #expect(howe.prefix(2) == ["04-05T01:45 +660", "04-06T01:45 +630"])
        let hours = try Self.due("0 * * * *", in: "Europe/Berlin", after: "2026-10-24T23:30:00Z")
        #expect(hours == ["10-25T02:00 +120", "10-25T03:00 +60", "10-25T04:00 +60"])
    }

    @Test("goes on through a skipped day and beside midnight")
    func days() throws {
        // Samoa had no 30th of December 2011.
        let samoa = try Self.due("0 12 * * *", in: "Pacific/Apia", after: "2011-12-29T00:00:00Z")
        #expect(samoa.map { $0.prefix(5) } == ["12-29", "12-31", "12-31"])
        let kiritimati = try Self.due(
            "59 23 31 12 *", in: "Pacific/Kiritimati", after: "2026-12-30T00:00:00Z", count: 1)
        #expect(kiritimati == ["12-31T23:59 +840"])
    }

    @Test(
        "that is none says what would be one",
        arguments: [
            "", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * 32 * *",
            "* * * 13 *", "* * * * 8", "*/0 * * * *", "5/10 * * * *", "mon * * * *", "1- * * * *",
            "50-10 * * * *", "1,,2 * * * *", "@never", "0 0 31 2 *", "0 0 31 4,6,9,11 *",
            "-1 * * * *", "+1 * * * *", "1.5 * * * *", "*-5 * * * *", "* * * foo *", "@daily x",
        ])
    func mistakes(text: String) throws {
        let mistake = #expect(throws: Cron.Mistake.self) { try Cron(text) }
        #expect(mistake?.message.isEmpty == false && mistake?.fix.isEmpty == false)
    }

    @Test("finds the last of many due times at once, and a period's by the clock of UTC")
    func latest() throws {
        let start = try Date("2020-01-01T00:00:00Z", strategy: .iso8601)
        let end = try Date("2026-11-21T18:30:30Z", strategy: .iso8601)
        let minutely = Trigger(.cron(try Cron("* * * * *"), timeZone: "UTC"))
        #expect(minutely.latest(after: start, upTo: end)?.ISO8601Format() == "2026-11-21T18:30:00Z")
        let yearly = Trigger(.cron(try Cron("@yearly"), timeZone: "Europe/Berlin"))
        #expect(yearly.latest(after: start, upTo: end)?.ISO8601Format() == "2025-12-31T23:00:00Z")
        #expect(yearly.latest(after: end, upTo: end) == nil)
        let period = Trigger(.every(seconds: 600))
        #expect(period.next(after: end)?.ISO8601Format() == "2026-11-21T18:40:00Z")
        #expect(period.latest(after: start, upTo: end)?.ISO8601Format() == "2026-11-21T18:30:00Z")
    }
}
