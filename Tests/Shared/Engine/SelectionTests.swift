import Engine
import Events
import Foundation
import Kit
import Pipelines
import Testing

@Suite("A job", .enabled(if: Bench.isReady, "MILLRACE_DUCKDB names no duckdb"))
struct SelectionTests {
    static let columns: [Column] = [.of("id", .integer), .of("t", .timestamp), .of("v", .text)]

    @Test("keeps the newest of each key; null is oldest, a tie goes to the later object and line")
    func newest() async throws {
        let dataset = Dataset.of(Self.columns, key: ["id"], newestBy: "t")
        let first = """
            id,t,v
            1,2020-01-02,a
            1,2020-01-01,b
            2,,c
            2,2020-01-01,d
            3,2020-01-01,e
            3,2020-01-01,f
            4,2020-01-01,g
            5,,h
            5,,i
            """
        let second = "id,t,v\n4,2020-01-01,j\n1,2020-01-01,k\n"
        try await Bench.with { bench in
            let outcome = try await bench.run(dataset, [("a.csv", first), ("b.csv", second)])
            #expect(outcome.counts == "11/6/0/0")
            #expect(outcome.report.objects.map(\.counts.superseded) == [5, 1])
            let values = outcome.rows.compactMap { $0.split(separator: "\"").dropLast().last }
            #expect(values == ["a", "d", "f", "i", "j"])
        }
    }

    @Test("merges by several columns, and rejects a key that is null")
    func keys() async throws {
        let dataset = Dataset.of(Self.columns, key: ["id", "v"])
        let text = "id,t,v\n1,,a\n1,,b\n1,,a\n,,a\n1,,\n"
        try await Bench.with { bench in
            let outcome = try await bench.run(dataset, [("a.csv", text)])
            #expect(outcome.counts == "5/1/0/2")
            #expect(
                CSVTests.places(outcome.rejects) == ["0:5:id:missing_value", "0:6:v:missing_value"])
        }
    }

    @Test(
        "keeps only the last object with rows where each is a full extract",
        arguments: [true, false])
    func replace(hasKey: Bool) async throws {
        let dataset = Dataset.of(
            Self.columns, key: hasKey ? ["id"] : [], newestBy: "t", mode: .replace)
        let texts = [
            "id,t,v\n1,2020-01-09,a\n2,2020-01-01,b\n",
            "id,t,v\n1,2020-01-01,c\n1,2020-01-02,d\n3,2020-01-01,e\n", "id,t,v\n", "id,t,v\nx,,\n",
        ]
        try await Bench.with { bench in
            let outcome = try await bench.run(dataset, texts.enumerated().map { ("\($0).csv", $1) })
            #expect(outcome.counts == (hasKey ? "6/3/0/1" : "6/2/0/1"))
            let values = outcome.rows.compactMap { $0.split(separator: "\"").dropLast().last }
            #expect(values == (hasKey ? ["d", "e"] : ["c", "d", "e"]))
        }
    }

    @Test("keeps every version where there is history, and one of each instant")
    func history() async throws {
        let dataset = Dataset.of(Self.columns, key: ["id"], newestBy: "t", mode: .scd2)
        let text = "id,t,v\n1,2020-01-02,a\n1,2020-01-01,b\n1,2020-01-02,c\n"
        try await Bench.with { bench in
            let outcome = try await bench.run(dataset, [("a.csv", text)])
            #expect(outcome.counts == "3/1/0/0")
            let values = outcome.rows.compactMap { $0.split(separator: "\"").dropLast().last }
            #expect(values == ["b", "c"])
        }
    }

    @Test("adds every row where there is no key, in the order of the object")
    func append() async throws {
        let dataset = Dataset.of([.of("id", .integer)])
        let numbers = (0..<5_000).map { "\(($0 * 7_919) % 5_000)" }
        try await Bench.with { bench in
            let text = "id\n" + numbers.joined(separator: "\n")
            let outcome = try await bench.run(dataset, [("a.csv", text)])
            #expect(outcome.rows == numbers.map { "{\"id\":\($0)}" })
        }
    }

    @Test("runs the dataset's own SELECT and counts what it leaves out")
    func selection() async throws {
        let own = """
            -- {{input}} in a comment
            SELECT * REPLACE (upper(v) AS v), 'more' AS more FROM {{input}}
            WHERE v <> 'no {{input}}' AND v <> 'no';
            """
        let dataset = Dataset.of(Self.columns, key: ["id"], transform: own)
        try await Bench.with { bench in
            let outcome = try await bench.run(
                dataset,
                [("a.csv", "id,t,v\n1,,a\n2,,no\n1,,b\nx,,c\n"), ("b.csv", "id,t,v\n3,,no\n")])
            #expect(outcome.counts == "5/1/2/1")
            #expect(outcome.report.objects.map(\.counts.filtered) == [1, 1])
            #expect(outcome.rows == [#"{"id":1,"t":null,"v":"B"}"#])
        }
    }

    @Test(
        "fails for good when the dataset's own SELECT is wrong",
        arguments: [
            ("SELECT id, t FROM {{input}}", "SELECT fails"),
            ("SELECT id, t, v FROM {{input}}", "_object"),
            ("SELECT i.* FROM {{input}} i, range(2)", "more rows than it got"),
            ("SELECT * REPLACE ('x' AS id) FROM {{input}}", "Could not convert"),
            ("SELECT * FROM {{input}} WHERE nothing", "nothing"),
            ("SELECT * FROM read_csv('/etc/passwd')", "disabled by configuration"),
        ])
    func wrongSelection(own: String, words: String) async throws {
        let dataset = Dataset.of(Self.columns, key: ["id"], transform: own)
        try await Bench.with { bench in
            let error = await #expect(throws: EngineError.self) {
                try await bench.run(dataset, [("a.csv", "id,t,v\n1,,a\n")])
            }
            #expect(error?.disposition == .permanent)
            #expect(error?.description.contains(words) == true, "\(String(describing: error))")
        }
    }

    @Test("says what it lacks: its program, its object, its time")
    func surroundings() async throws {
        let dataset = Dataset.of(Self.columns)
        let job = TransformJob(
            dataset: dataset, objects: [InputObject(name: "a.csv", location: "/no/such/object")],
            processed: "/tmp/p", rejects: "/tmp/r", scratch: "/tmp")
        let lost = await #expect(throws: EngineError.self) {
            try await DuckDBEngine(program: Bench.program ?? "").transform(job)
        }
        #expect(lost?.kind == .input)
        let missing = await #expect(throws: EngineError.self) {
            try await DuckDBEngine(program: "/no/such/duckdb").check()
        }
        #expect(missing?.kind == .missing)
        let slow = await #expect(throws: EngineError.self) {
            let limits = EngineLimits(time: .milliseconds(1))
            try await DuckDBEngine(program: Bench.program ?? "", limits: limits).check()
        }
        #expect(slow?.kind == .time)
    }

    @Test("reads 200 small objects in one go")
    func small() async throws {
        let dataset = Dataset.of(Self.columns, key: ["id"])
        try await Bench.with { bench in
            let outcome = try await bench.run(
                dataset, (0..<200).map { ("\($0).csv", "id,t,v\n\($0 % 50),,a\n") })
            #expect(outcome.counts == "200/150/0/0")
        }
    }
}
