import Engine
import Foundation
import Kit
import Pipelines
import Testing

/// The rows of `## Time` in compose/pipelines/BAD-INPUT.md.
@Suite("Bad time", .enabled(if: Bench.isReady, "MILLRACE_DUCKDB names no duckdb"))
struct BadTimeTests {
    @Test(
        "is the moment that it says, or a reject",
        arguments: [
            (ColumnType.timestamp, [], "2020-01-01 24:00:00", "2020-01-02 00:00:00"),
            (.timestamptz, [], "2020-12-31T24:00Z", "2021-01-01 00:00:00+00"),
            (.timestamp, [], "2020-01-01 24:00:01", nil),
            (.timestamp, [], "2016-12-31 23:59:60", nil),
            (.timestamptz, [], "2016-12-31T23:59:60Z", nil),
            (.date, [], "2020-02-29", "2020-02-29"), (.date, [], "2021-02-29", nil),
            (.date, [], "1900-02-29", nil),
            (.timestamp, [], "2020-03-29 02:30:00", "2020-03-29 02:30:00"),
            (.timestamptz, [], "2020-02-19 21:38 -0800", "2020-02-20 05:38:00+00"),
            (.timestamptz, [], "2020-10-25 02:30:00+02", "2020-10-25 00:30:00+00"),
            (.timestamptz, [], "2020-10-25 02:30:00+01", "2020-10-25 01:30:00+00"),
            (.timestamptz, [], "2020-01-01 00:00:00+05:45", "2019-12-31 18:15:00+00"),
            (.timestamptz, [], "2020-01-01 00:00:00-0930", "2020-01-01 09:30:00+00"),
            (.timestamptz, [], "2020-01-01 00:00:00+99:00", nil),
            (.timestamptz, [], "2020-01-01 00:00:00+16", nil),
            (.timestamptz, [], "2020-01-01 00:00:00+05:75", nil),
            (.timestamptz, [], "2020-01-01 00:00:00", nil),
            (.timestamp, [], "2020-01-01 00:00:00Z", nil), (.timestamp, [], "1582148296", nil),
            (.date, [], "0000-01-01", nil), (.date, [], "-0044-03-15", nil),
            (.date, [], "10000-01-01", nil),
            (.timestamp, [], "infinity", nil), (.timestamptz, [], "-infinity", nil),
            (.timestamp, [], "epoch", nil),
            (.timestamp, [], "now", nil), (.date, [], "today", nil), (.date, [], "20-01-02", nil),
            (.date, ["%d.%m.%y"], "1.2.68", "2068-02-01"),
            (.date, ["%d.%m.%y"], "1.2.69", "1969-02-01"),
            (.date, ["%d.%m.%Y"], "1.2.69", nil),
            (.timestamp, [], "2020-01-01 00:00:00.123456789", nil),
            (
                .timestamptz, ["%a %b %d %H:%M:%S %z %Y"], "Wed Feb 19 18:36:17 -0800 2020",
                "2020-02-20 02:36:17+00"
            ),
            (.timestamptz, ["epoch_s"], "1582148296", "2020-02-19 21:38:16+00"),
            (.timestamptz, ["epoch_s"], "1582148296.690535000", "2020-02-19 21:38:16.690535+00"),
            (.timestamptz, ["epoch_s"], "1582148296.6905351", nil),
            (.timestamptz, ["epoch_s"], "1582148296000", nil),
            (.timestamptz, ["epoch_s"], "-1", "1969-12-31 23:59:59+00"),
            (.timestamptz, ["epoch_s"], "1e9", nil),
            (.timestamptz, ["epoch_ms"], "1582148296690", "2020-02-19 21:38:16.69+00"),
            (.timestamptz, ["epoch_ms"], "1582148296690.535", "2020-02-19 21:38:16.690535+00"),
            (.timestamptz, ["epoch_ms"], "99999999999999999", nil),
            (.timestamptz, ["epoch_ms"], "", "null"),
            (.timestamptz, ["epoch_us"], "1582148296690535", "2020-02-19 21:38:16.690535+00"),
            (.timestamptz, ["epoch_us"], "1582148296690535.5", nil),
            (.timestamptz, ["epoch_us"], "999999999999999999", nil),
            (.timestamptz, ["epoch_us"], "9223372036854775807", nil),
            (.timestamptz, ["%Y-%m-%d %H:%M:%S %z", "epoch_s"], "0", "1970-01-01 00:00:00+00"),
            (
                .timestamptz, ["epoch_s", "%Y-%m-%d %H:%M:%S %z"], "2020-01-01 00:00:00 +0100",
                "2019-12-31 23:00:00+00"
            ),
        ] as [(ColumnType, [String], String, String?)])
    func times(type: ColumnType, formats: [String], text: String, kept: String?) async throws {
        let dataset = Dataset.of([Column(name: "v", field: "v", type: type, formats: formats)])
        try await Bench.with { bench in
            let outcome = try await bench.run(
                dataset, [("a.csv", "v\n\"\(text)\"\n"), ("b.jsonl", "{\"v\":\"\(text)\"}")])
            let row = kept.map { $0 == "null" ? #"{"v":null}"# : "{\"v\":\"\($0)\"}" }
            #expect(outcome.rows == (row.map { [$0, $0] } ?? []))
            #expect(
                outcome.rejects.map(\.reason) == (kept == nil ? ["bad_value", "bad_value"] : []))
        }
    }
}
