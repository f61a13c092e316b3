import Engine
import Events
import Foundation
import Pipelines
import Testing

@Suite(
    "A value of another type", .enabled(if: Bench.isReady, "needs MILLRACE_DUCKDB"),
    .timeLimit(.minutes(5)))
struct ChangedTypesTests {
    private static func dataset(
        _ type: ColumnType, _ changed: Contract.ChangedTypes, key: [String] = []
    ) -> Dataset {
        .of(
            [.of("id", .integer), .of("x", type)], key: key,
            contract: Contract(changedTypes: changed)
        )
    }

    @Test("refuses its object where types are frozen, and names all columns")
    func freeze() async throws {
        var dataset = Self.dataset(.integer, .freeze)
        dataset.columns.append(.of("day", .date))
        try await Bench.with { bench in
            let good = "id,x,day\n1,2,2020-01-01\n"
            let bad = "id,x,day\n1,2,2020-01-01\n2,abc,\n3,x,\n4,5,yesterday\n"
            let outcome = try await bench.run(
                dataset, [("a.csv", good), ("b.csv", bad), ("c.csv", good)])
            #expect(outcome.counts == "3/0/0/1")
            let refusal = outcome.report.objects[1].refusal ?? ""
            #expect(refusal.contains("`x` is no integer in 2 records, like `abc`"), "\(refusal)")
            #expect(refusal.contains("`day` is no date in 1 record, like `yesterday`"))
            #expect(outcome.report.objects[1].reason == .badValue)
        }
    }

    @Test("is null where values are discarded, and is told of")
    func discardValue() async throws {
        try await Bench.with { bench in
            let outcome = try await bench.run(
                Self.dataset(.integer, .discardValue, key: ["id"]),
                [("a.csv", "id,x\n1,abc\n2,3\n3,1.5\nx,1\n")])
            #expect(outcome.counts == "4/0/0/1")
            #expect(
                outcome.rows == [
                    #"{"id":1,"x":null}"#, #"{"id":2,"x":3}"#, #"{"id":3,"x":null}"#,
                ])
            #expect(
                outcome.report.objects[0].notes == [
                    "`x` is null in 2 records whose value is no integer, like `1.5`"
                ])
        }
    }

    @Test(
        "widens its column along the ladder, with the texts that the warehouse would give",
        arguments: [
            (ColumnType.smallint, "7 70000", "integer", "7 70000"),
            (.smallint, "7 3000000000", "bigint", "7 3000000000"),
            (.integer, "007 1.50", "decimal", "7.000000000 1.500000000"),
            (.integer, "007 1.50 12 abc", "text", "7 1.5 12 abc"),
            (
                .bigint, "1 12345678901234567890123456789012345678901", "text",
                "1 12345678901234567890123456789012345678901"
            ),
            (.decimal, "1.50 x", "text", "1.5 x"), (.double, "1.50 100 x", "text", "1.5 100 x"),
            (.boolean, "yes 0 maybe", "text", "true false maybe"),
            (
                .date, "2020-01-02 2020-01-02T10:00:00", "timestamp",
                "2020-01-02_00:00:00 2020-01-02_10:00:00"
            ),
            (
                .date, "2020-01-02 2020-01-02T10:00:00 soon", "text",
                "2020-01-02 2020-01-02_10:00:00 soon"
            ),
            (.timestamptz, "2020-01-02T10:00:00+01:00 soon", "text", "2020-01-02T09:00:00Z soon"),
        ] as [(ColumnType, String, String, String)])
    func evolve(type: ColumnType, texts: String, wider: String, expected: String) async throws {
        let rows = texts.split(separator: " ").enumerated().map { "\($0),\($1)\n" }.joined()
        try await Bench.with { bench in
            let outcome = try await bench.run(
                Self.dataset(type, .evolve, key: ["id"]), [("a.csv", "id,x\n\(rows)")])
            #expect(outcome.report.evolved.map(\.type) == [wider])
            #expect(outcome.report.evolved.map(\.isNew) == [false])
            let values = outcome.rows.map { row in
                row.split(separator: ":", maxSplits: 2).last.map {
                    $0.dropLast().replacing("\"", with: "").replacing(" ", with: "_")
                } ?? ""
            }
            #expect(values.joined(separator: " ") == expected)
        }
    }

    @Test("is a reject in a key where it is no number, and never makes a key a text")
    func keys() async throws {
        var dataset = Self.dataset(.text, .evolve, key: ["id"])
        dataset.columns[0].type = .smallint
        try await Bench.with { bench in
            let outcome = try await bench.run(dataset, [("a.csv", "id,x\n1,a\n70000,b\nx,c\n")])
            #expect(outcome.counts == "3/0/0/1")
            #expect(CSVTests.places(outcome.rejects) == ["0:4:id:bad_value"])
            #expect(outcome.report.evolved.map(\.type) == ["integer"])
        }
    }

    @Test("keeps to the rules of its column when that is wider")
    func rules() async throws {
        var dataset = Self.dataset(.integer, .evolve)
        dataset.columns[1].minimum = "5"
        dataset.columns.append(
            Column(name: "k", field: "k", type: .integer, accepted: ["1", "2"]))
        try await Bench.with { bench in
            let outcome = try await bench.run(
                dataset, [("a.csv", "id,x,k\n1,7,1\n2,4,1\n3,abc,02\n4,4.5,1\n5,9,x\n")])
            #expect(
                CSVTests.places(outcome.rejects) == [
                    "0:3:x:out_of_range", "0:5:x:out_of_range", "0:6:k:not_accepted",
                ])
        }
    }
}
