import Engine
import Events
import Foundation
import Pipelines
import Testing

@Suite(
    "A contract", .enabled(if: Bench.isReady, "needs MILLRACE_DUCKDB"), .timeLimit(.minutes(5)))
struct ContractTests {
    private static let columns: [Column] = [
        .of("id", .integer, isRequired: true), .of("name", .text),
    ]

    @Test(
        "that freezes new columns refuses the object and names all of them",
        arguments: [
            ("a.csv", "id,nmae,name,colour\n1,x,y,z\n"),
            ("a.jsonl", "{\"id\":1}\n{\"id\":2,\"nmae\":null}\n{\"id\":3,\"colour\":\"z\"}\n"),
        ])
    func freeze(name: String, text: String) async throws {
        try await Bench.with { bench in
            let outcome = try await bench.run(Dataset.of(Self.columns), [(name, text)])
            #expect(outcome.counts == "1/0/0/1")
            let refusal = outcome.report.objects[0].refusal ?? ""
            #expect(refusal.contains("2 fields that are none of the dataset: `nmae` (the nearest"))
            #expect(refusal.contains("is `name`), `colour`"), "\(refusal)")
            #expect(outcome.report.objects[0].reason == .unknownColumn)
        }
    }

    @Test(
        "that discards the rows of new columns rejects those with a value there",
        arguments: [
            ("a.csv", "id,name,colour\n1,x,\n2,y,red\n3,z,\n", "0:3:colour:unknown_column"),
            (
                "a.jsonl", "{\"id\":1}\n{\"id\":2,\"colour\":\"red\"}\n{\"id\":3}\n",
                "0:2:colour:unknown_column"
            ),
        ])
    func discardRow(name: String, text: String, reject: String) async throws {
        let dataset = Dataset.of(Self.columns, contract: Contract(newColumns: .discardRow))
        try await Bench.with { bench in
            let outcome = try await bench.run(dataset, [(name, text)])
            #expect(outcome.counts == "3/0/0/1")
            #expect(CSVTests.places(outcome.rejects) == [reject])
        }
    }

    @Test(
        "that discards the values of new columns says which",
        arguments: [
            ("a.csv", "id,name,colour\n1,x,red\n"),
            ("a.jsonl", "{\"id\":1,\"name\":\"x\",\"colour\":1}"),
        ])
    func discardValue(name: String, text: String) async throws {
        let dataset = Dataset.of(Self.columns, contract: Contract(newColumns: .discardValue))
        try await Bench.with { bench in
            let outcome = try await bench.run(dataset, [(name, text)])
            #expect(outcome.rows == [#"{"id":1,"name":"x"}"#])
            #expect(
                outcome.report.objects[0].notes == ["left out, since no column takes it: `colour`"])
            #expect(outcome.report.evolved == [])
        }
    }

    @Test("that evolves gives each field a column, as it was written")
    func evolve() async throws {
        let dataset = Dataset.of(
            Self.columns, key: ["id"], contract: Contract(newColumns: .evolve, nulls: ["", "NA"]))
        try await Bench.with { bench in
            let outcome = try await bench.run(
                dataset,
                [
                    ("a.csv", "id,zipCode,name,count,none\n1,00123,x,7,\n2,NA,y,8,NA\n"),
                    ("b.jsonl", "{\"id\":3,\"ZipCode\":\"9\",\"isOpen\":true,\"count\":2.50}\n"),
                ])
            #expect(outcome.counts == "3/0/0/0")
            #expect(
                outcome.rows == [
                    #"{"id":1,"name":"x","zip_code":"00123","count":"7","none":null,"is_open":null}"#,
                    #"{"id":2,"name":"y","zip_code":null,"count":"8","none":null,"is_open":null}"#,
                    #"{"id":3,"name":null,"zip_code":"9","count":"2.50","none":null,"is_open":"true"}"#,
                ])
            let evolved = outcome.report.evolved.map {
                "\($0.name) \($0.field) \($0.type ?? "-") \($0.isNew) \($0.object)"
            }
            #expect(
                evolved == [
                    "zip_code zipCode text true a.csv", "count count decimal true a.csv",
                    "none none - true a.csv", "is_open isOpen boolean true b.jsonl",
                ])
        }
    }

    @Test(
        "that evolves tells types only from texts that the warehouse writes the same way",
        arguments: [
            ("0 -5 123456789012345678", "bigint"), ("1 2.50 -0.125", "decimal"),
            ("12345678901234567890", "decimal"), ("true false", "boolean"),
            ("2020-02-29 1999-12-31", "date"), ("2020-02-30", "text"), ("0000-01-01", "text"),
            ("2020-02-19T21:38:16Z 2020-02-19T21:38:16.5Z", "timestamptz"),
            ("2020-02-19T21:38:16.50Z", "text"), ("007", "text"), ("-0", "text"), ("-0.0", "text"),
            ("+1", "text"), ("1e5", "text"), ("1.", "text"), (".5", "text"), ("True", "text"),
            ("1 true", "text"), ("1 2020-02-29", "text"), ("12:30", "text"), ("1,5", "text"),
            ("0.1234567890", "text"),
        ])
    func inference(texts: String, type: String) async throws {
        let dataset = Dataset.of([.of("id", .integer)], contract: Contract(newColumns: .evolve))
        let rows = texts.split(separator: " ").map { "1;\($0)\n" }.joined()
        try await Bench.with { bench in
            var dataset = dataset
            dataset.format = .csv(CSVFormat(delimiter: ";"))
            let outcome = try await bench.run(dataset, [("a.csv", "id;x\n\(rows)")])
            #expect(outcome.report.evolved.map(\.type) == [type])
        }
    }

    @Test("that evolves takes times with a blank for times")
    func times() async throws {
        let dataset = Dataset.of([.of("id", .integer)], contract: Contract(newColumns: .evolve))
        try await Bench.with { bench in
            let text =
                "id,x\n1,2020-02-19 21:38:16\n2,2020-02-20 00:00:00\n3,2020-02-19 21:38:16.25\n"
            let outcome = try await bench.run(dataset, [("a.csv", text)])
            #expect(outcome.report.evolved.map(\.type) == ["timestamp"])
        }
    }

    @Test("refuses fields that would share a column")
    func twins() async throws {
        let dataset = Dataset.of(Self.columns, contract: Contract(newColumns: .evolve))
        try await Bench.with { bench in
            let outcome = try await bench.run(
                dataset,
                [
                    ("a.csv", "id,name,zipCode,zip_code\n1,x,1,2\n"),
                    ("b.csv", "id,name,Name\n1,x,y\n"),
                    ("c.csv", "id,name,\n1,x,2\n"),
                ])
            let words = outcome.report.objects.map { $0.refusal ?? "" }
            #expect(words[0].contains("`zipCode` and `zip_code`, which are one column, `zip_code`"))
            #expect(words[1].contains("`Name` (the column `name` takes the field `name`)"))
            #expect(words[2].contains("field 3 of the header has no name"))
        }
    }

    @Test("goes around the dataset's own SELECT with new columns")
    func ownSelect() async throws {
        let dataset = Dataset.of(
            Self.columns, contract: Contract(newColumns: .evolve),
            transform: "SELECT * REPLACE (upper(name) AS name) FROM {{input}} WHERE id <> 2")
        try await Bench.with { bench in
            let outcome = try await bench.run(
                dataset, [("a.csv", "id,name,x\n1,a,7\n2,b,8\n3,c,09\n")])
            #expect(outcome.counts == "3/0/1/0")
            #expect(
                outcome.rows == [
                    #"{"id":1,"name":"A","x":"7"}"#, #"{"id":3,"name":"C","x":"09"}"#,
                ])
        }
    }

    @Test("that lets columns be missing gives null and says so")
    func missing() async throws {
        let dataset = Dataset.of(Self.columns, contract: Contract(missingColumns: .evolve))
        try await Bench.with { bench in
            let outcome = try await bench.run(dataset, [("a.csv", "id\n1\n")])
            #expect(outcome.rows == [#"{"id":1,"name":null}"#])
            #expect(
                outcome.report.objects[0].notes == [
                    "the header lacks `name`; null for its records"
                ])
        }
    }

    @Test("keeps the whole records of an object that ends early, or refuses it")
    func truncated() async throws {
        let text = "id,name\n" + (1...20_000).map { "\($0),name \($0 * 7919 % 10_007)\n" }.joined()
        try await Bench.with { bench in
            let path = "\(bench.folder)/whole.csv"
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            let packed = try await bench.packed(path)
            let cut = packed.prefix(packed.count / 2)
            var dataset = Dataset.of(Self.columns)
            let refused = try await bench.run(dataset, files: [("a.csv.gz", cut)])
            #expect(refused.counts == "1/0/0/1")
            #expect(refused.report.objects[0].refusal?.contains("truncated: keep") == true)

            dataset.contract.truncated = .keep
            let kept = try await bench.run(dataset, files: [("a.csv.gz", cut)])
            let count = kept.rows.count
            #expect(count > 5_000 && count < 20_000)
            #expect(kept.counts == "\(count + 1)/0/0/1")
            #expect(kept.rows.last?.hasPrefix("{\"id\":\(count),") == true)
            #expect(kept.report.objects[0].notes == ["ends early; its whole records go on"])
        }
    }
}
