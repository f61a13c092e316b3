import Foundation
import Kit
import Pipelines
import Stack
import Testing

@testable import millrace

@Suite(
    "A new pipeline", .timeLimit(.minutes(5)),
    .enabled(if: ServerPrograms.engine() != nil, "needs the engine"))
struct InitTests {
    @Test("works as it is written", arguments: Starter.allCases)
    func starters(starter: Starter) async throws {
        try await withFolder { folder in
            let path = "\(folder)/shop"
            let call = try await VerbCall(Init(), [starter.rawValue, path])
            #expect(call.code == .done, "\(call.errors)")
            let report = PipelineFolder.read(path).report
            #expect(report.diagnostics.isEmpty, "\(report.text(colour: false))")
            #expect(report.pipelines.count == (starter == .many ? 2 : 1))
            let test = try await VerbCall(millrace.Test(), [path])
            #expect(test.code == .done, "\(test.output)\(test.errors)")
            let schema = try String(contentsOfFile: "\(path)/pipeline.schema.json", encoding: .utf8)
            #expect(try schema == JSONSchema.pipeline())
        }
    }

    @Test("never overwrites what is there")
    func full() async throws {
        try await withFolder { folder in
            try Data("mine".utf8).write(to: URL(filePath: "\(folder)/pipeline.yaml"))
            let call = try await VerbCall(Init(), [folder])
            #expect(call.code == .usage)
            #expect(call.errors.contains("not empty"))
            let text = try String(contentsOfFile: "\(folder)/pipeline.yaml", encoding: .utf8)
            #expect(text == "mine")
        }
    }

    @Test(
        "is refused with a word",
        arguments: [
            (["cvs", "x"], "csv"), (["--name", "My Shop", "x"], "my_shop"),
            (["--from", "/no/such/file", "x"], "cannot be read"),
        ])
    func refused(words: [String], hint: String) async throws {
        let call = try await VerbCall(Init(), words)
        #expect(call.code == .usage)
        #expect(call.errors.contains(hint), "\(call.errors)")
    }

    /// What the file holds, and lines that the pipeline must have.
    static let guesses: [(name: String, text: String, lines: [String])] = [
        (
            "Big Sales.csv",
            """
            OrderID;Zip;Amount;When;Flag;Note;Code;\"a \"\"b\"\"\"
            1;00123;1.50;2020-01-02 10:00:00;Y;x;1;1
            2;10115;2.25;2020-01-03 10:00:00;N;;x2;2
            """,
            [
                "big_sales:", "{csv: {delimiter: \";\"}}",
                "order_id: {type: bigint, field: \"OrderID\"}", "zip: {type: text, field: \"Zip\"}",
                "amount: {type: decimal, field: \"Amount\"}",
                "when: {type: timestamp, field: \"When\"}",
                "flag: {type: boolean, field: \"Flag\"}", "code: {type: text, field: \"Code\"}",
                "a_b: {type: bigint, field: \"a \\\"b\\\"\"}", "key: order_id}",
            ]
        ),
        (
            "t.tsv",
            "id\tday\tseen\tboth\tno\n1\t31/12/2020\tWed Feb 19 18:36:17 -0800 2020\t1/2/2020\tNA\n"
                + "2\t01/02/2021\tWed Feb 19 18:36:17 -0800 2020\t3/4/2020\t7\n",
            [
                "patterns: [\"*.tsv\", \"*.tsv.gz\", \"*.tsv.zst\"]", "delimiter: tab",
                "day: {type: date, format: \"%d/%m/%Y\"}",
                "seen: {type: timestamptz, format: \"%a %b %d %H:%M:%S %z %Y\"}",
                "both: text  # day or month first?",
                "\"no\": {type: bigint, nulls: [\"\", \"NA\"]}",
            ]
        ),
        (
            "huge.csv",
            "n|big|huge|mixed|stamp\n1|9223372036854775808|12345678901234567890123456789012345|1|2020-01-01\n"
                + "2|5|6|a|1/22/20 17:00\n",
            [
                "big: decimal", "huge: text", "mixed: text",
                "stamp: {type: timestamp, format: [\"%Y-%m-%d\", \"%m/%d/%y %H:%M\"]}",
            ]
        ),
        (
            "events.jsonl",
            "{\"id\": 1, \"user\": {\"n\": 1}, \"at\": \"2020-01-01T00:00:00Z\", \"x y\": null}\n"
                + "{\"id\": 2, \"user\": {\"n\": 2}, \"at\": \"2020-01-01T00:00:00Z\", \"late\": 1.5}\n",
            ["format: jsonl", "user: json", "at: timestamptz", "x_y: {type: text", "late: double"]
        ),
        (
            "users.csv",
            "user_id,updated_at,name,name\n"
                + "1,2020-01-01T10:00:00,a,b\n1,2020-01-02T10:00:00,a,b\n",
            ["new_columns: discard_value", "{mode: merge, key: user_id, newest_by: updated_at}"]
        ),
        (
            "2020.csv", ",a,1/22/20\n0,x,5\n1,y,6\n",
            ["  shop:", "new_columns: discard_value", "c_1_22_20: {type: bigint"]
        ),
        ("few.csv", "a,b\n1,2\n3,4\n", ["load: append", "if that is no chance"]),
    ]

    @Test("says of a file what it shows, and takes the file", arguments: guesses.indices)
    func guess(index: Int) async throws {
        let guess = Self.guesses[index]
        try await withFolder { folder in
            let file = "\(folder)/\(guess.name)"
            try Data(guess.text.utf8).write(to: URL(filePath: file))
            let path = "\(folder)/new"
            let call = try await VerbCall(Init(), ["--from", file, "--name", "shop", path])
            #expect(call.code == .done, "\(call.errors)")
            #expect(call.errors.contains(" 0 rejects"), "\(call.errors)")
            let text = try String(contentsOfFile: "\(path)/pipeline.yaml", encoding: .utf8)
            for line in guess.lines { #expect(text.contains(line), "no `\(line)` in\n\(text)") }
            let report = PipelineFolder.read(path).report
            #expect(report.diagnostics.isEmpty, "\(report.text(colour: false))")
        }
    }

    @Test(
        "cannot be guessed from what is no table",
        arguments: ["", "\n\n", "[{\"a\": 1}]", "PK\u{3}\u{4}"])
    func noTable(text: String) async throws {
        try await withFolder { folder in
            try Data(text.utf8).write(to: URL(filePath: "\(folder)/f.csv"))
            let call = try await VerbCall(Init(), ["--from", "\(folder)/f.csv", "\(folder)/new"])
            #expect(call.code == .failed)
            #expect(!FileManager.default.fileExists(atPath: "\(folder)/new"))
        }
    }

    /// Of each kind one: commas and tabs, packed, JSON lines, wide, truncated.
    private static let files = [
        "covid19/aws_lake_raw/CountryCodeQS.csv", "covid19/aws_lake_raw/us_states.ndjson",
        "covid19/states_daily_versions/us_daily_2020-06.csv",
        "covid19/truncated_downloads/states_daily.truncated.ndjson",
        "goodbooks10k/samples/books.csv", "goodreads_sample/reviews.csv",
        "messy/csv-spectrum/csvs/quotes_and_newlines.csv", "nyc_taxi/transformed_yellow.csv",
        "online_retail/MANIFEST.tsv", "online_retail/by-day/2011-07-21.csv",
    ]

    @Test(
        "takes real files",
        .enabled(if: TestData.path("online_retail") != nil, "the test data is not here"),
        arguments: files)
    func real(name: String) async throws {
        let file = try #require(TestData.path(name))
        try await withFolder { folder in
            let call = try await VerbCall(
                Init(), ["--from", file, "--name", "shop", "\(folder)/new"])
            #expect(call.code == .done, "\(call.errors)")
            let rejects = name.contains("truncated") ? " 1 rejects" : " 0 rejects"
            #expect(call.errors.contains(rejects), "\(call.errors)")
            let report = PipelineFolder.read("\(folder)/new").report
            #expect(report.diagnostics.isEmpty, "\(report.text(colour: false))")
        }
    }
}

@Suite("A name that is made of a text")
struct MadeNameTests {
    @Test(
        "is one that the language takes",
        arguments: [
            ("InvoiceNo", "invoice_no"), ("CustomerID", "customer_id"), ("HTTPCode", "http_code"),
            ("Province/State", "province_state"), ("1/22/20", "c_1_22_20"), ("  a  b ", "a_b"),
            ("Größe", "gr_e"), ("日本", "other"), ("", "other"), ("table", "table_2"), ("id", "id"),
            (String(repeating: "x", count: 60), String(repeating: "x", count: 40)),
        ])
    func names(text: String, name: String) {
        #expect(Pipeline.name(from: text, or: "other") == name)
    }

    @Test("is another for each of equal texts")
    func twins() {
        #expect(Pipeline.name(from: "A b", or: "x", not: ["a_b", "a_b_2"]) == "a_b_3")
    }
}
