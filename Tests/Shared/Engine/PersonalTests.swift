import Engine
import Events
import Foundation
import Kit
import Pipelines
import Processes
import Testing

@Suite("Personal data", .enabled(if: Bench.isReady, "MILLRACE_DUCKDB names no duckdb"))
struct PersonalTests {
    static let secret = "jane.doe@example.org"

    private static func column(_ name: String, _ personal: Personal?) -> Column {
        Column(name: name, field: name, type: .text, personal: personal)
    }

    private static func bench(_ folder: String, key: Data) throws -> Bench {
        let path = "\(folder)/key"
        try key.write(to: URL(fileURLWithPath: path))
        return Bench(
            folder: folder,
            engine: DuckDBEngine(program: Bench.program ?? "duckdb", personalKeyFile: path))
    }

    @Test(
        "is hashed as RFC 2104 and RFC 4231 say",
        arguments: [
            (
                Data(repeating: 0x0B, count: 20), "Hi There",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
            ),
            (
                Data(repeating: 0xAA, count: 131),
                "Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
            ),
            (
                Data(repeating: 0xAA, count: 131) + Data("\r\n".utf8),
                "This is a test using a larger than block-size key and a larger than block-size data. "
                    + "The key needs to be hashed before being used by the HMAC algorithm.",
                "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
            ),
        ])
    func vectors(key: Data, text: String, digits: String) async throws {
        try await withFolder { folder in
            let outcome = try await Self.bench(folder, key: key)
                .run(.of([Self.column("v", .hash)]), [("a.csv", "v\n\"\(text)\"\n")])
            #expect(outcome.rows == [#"{"v":"\#(digits)"}"#])
        }
    }

    @Test("is hashed as OpenSSL does it, in every format")
    func openSSL() async throws {
        let key = "a key of 24 bytes, hidden"
        let text = "Zoë `'\"\\ 😀"
        try await withFolder { folder in
            let bench = try Self.bench(folder, key: Data(key.utf8) + [0x0A])
            let plain = "\(folder)/text"
            try Data(text.utf8).write(to: URL(fileURLWithPath: plain))
            let result = try await run(
                Command("openssl", ["dgst", "-sha256", "-hmac", key, "-r", plain]))
            let digits = result.text.prefix(64)
            let json = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            let parquet = try await ParquetTests.file(
                bench, "SELECT '\(text.replacing("'", with: "''"))' AS v")
            let outcome = try await bench.run(
                .of([Self.column("v", .hash)]),
                files: [
                    ("a.csv", Data("v\n\"\(text.replacing("\"", with: "\"\""))\"\n".utf8)),
                    ("b.jsonl", Data("{\"v\":\"\(json)\"}\n{\"v\":null}".utf8)),
                    ("c.json", Data("[{\"v\":\"\(json)\"}]".utf8)), ("d.parquet", parquet),
                ])
            let row = #"{"v":"\#(digits)"}"#
            #expect(outcome.rows == [row, row, #"{"v":null}"#, row, row])
        }
    }

    @Test("that is a key still joins and merges")
    func keys() async throws {
        try await withFolder { folder in
            let bench = try Self.bench(folder, key: Data(repeating: 7, count: 32))
            let dataset = Dataset.of(
                [Self.column("who", .hash), .of("n", .integer)], key: ["who"], newestBy: "n")
            let outcome = try await bench.run(
                dataset, [("a.csv", "who,n\nx,1\ny,1\n"), ("b.jsonl", #"{"who":"x","n":2}"#)])
            #expect(outcome.counts == "3/1/0/0")
            #expect(outcome.rows.filter { $0.contains(#""n":2"#) }.count == 1)
        }
    }

    @Test("is masked or dropped, after it has passed the rules")
    func masked() async throws {
        var card = Self.column("card", .last4)
        card.accepted = ["4111111111111111", "1234567"]
        var dataset = Dataset.of([.of("id", .integer), Self.column("name", .mask), card])
        dataset.dropped = ["phone"]
        try await Bench.with { bench in
            let outcome = try await bench.run(
                dataset,
                [
                    (
                        "a.csv",
                        "id,name,card,phone\n1,Jane,4111111111111111,555\n2,,1234567,\n3,x,99999999,1\n"
                    ),
                    ("b.jsonl", #"{"id":4,"name":"x","phone":"555"}"#),
                ])
            #expect(
                outcome.rows == [
                    #"{"id":1,"name":"***","card":"***1111"}"#,
                    #"{"id":2,"name":null,"card":"***"}"#,
                    #"{"id":4,"name":"***","card":null}"#,
                ])
            #expect(CSVTests.places(outcome.rejects) == ["0:4:card:not_accepted"])
        }
    }

    @Test("without its key, or with a short one, is a permanent error that names the setting")
    func noKey() async throws {
        let dataset = Dataset.of([Self.column("email", .hash)])
        try await withFolder { folder in
            let short = try Self.bench(folder, key: Data("too short\n\n".utf8))
            let missing = Bench(
                folder: folder,
                engine: DuckDBEngine(
                    program: Bench.program ?? "duckdb", personalKeyFile: "\(folder)/none"))
            for bench in [short, missing, Bench(folder: folder)] {
                let error = await #expect(throws: EngineError.self) {
                    try await bench.run(dataset, [("a.csv", "email\nx\n")])
                }
                #expect(error?.kind == .key && error?.disposition == .permanent)
                #expect(error?.description.contains("MILLRACE_PERSONAL_KEY_FILE") == true)
                #expect(error?.description.contains("hashes `email`") == true)
            }
        }
    }

    /// Each is wrong in another way, and holds the secret.
    static let broken: [(name: String, text: String)] = [
        ("a.csv", "id,email,age\nx,\(secret),1\n"), ("b.csv", "id,email,age\n1,2,\(secret)\n"),
        ("c.csv", "id,email,age\n1,\(secret)\n2,\(secret),3,4\n"),
        ("d.csv", "id,email,age\n1,\"\(secret),2\n3,\(secret)\"x,4\n"),
        ("e.csv", "1,\(secret),3\n"),
        ("f.csv", "id,email,age,\(secret)\n1,x,2,3\n"), ("g.csv", "id,age\n\(secret),2\n"),
        ("h.csv", "id,email,age\n\(secret)`x,`id`\(secret)`id`,`\n"),
        ("i.csv", "\"id,email\n\(secret)"),
        (
            "j.jsonl",
            "{\"id\":\"\(secret)\"}\n{\"id\":1,\"\(secret)\":2}\n{\"id\":1,\"email\":\"\(secret)\""
        ),
        (
            "k.json",
            "[{\"id\":1,\"age\":\"\(secret)\"},{\"id\":1,\"id\":\"\(secret)\"},{\"\(secret)"
        ),
        ("l.json", "\"\(secret)\""), ("m.csv", "id,email,age\n1,\(secret),\u{0}\n"),
        ("n.csv", "id,email,age\n1,\(secret)\u{0},2\n"), ("o.csv", "id,email,age\n,\(secret),2\n"),
    ]

    @Test(
        "does not leak into rejects and refusals, whatever is wrong", arguments: Personal.allCases)
    func leaks(personal: Personal) async throws {
        var dataset = Dataset.of([
            .of("id", .integer, isRequired: true), Self.column("email", personal),
            .of("age", .integer),
        ])
        if personal == .drop {
            dataset.columns.remove(at: 1)
            dataset.dropped = ["email"]
        }
        try await withFolder { folder in
            let bench = try Self.bench(folder, key: Data(repeating: 7, count: 32))
            let parquet = try await ParquetTests.file(
                bench, "SELECT 'x' AS id, '\(Self.secret)' AS email, '\(Self.secret)' AS age")
            let files = Self.broken.map { ($0.name, Data($0.text.utf8)) } + [("p.parquet", parquet)]
            let outcome = try await bench.run(dataset, files: files)
            #expect(outcome.rejects.count >= files.count)
            for reject in outcome.rejects {
                #expect(!"\(reject)".contains("jane"), "\(reject)")
                #expect(
                    reject.raw == "" || reject.raw == "(not kept: the dataset has personal data)")
                #expect(!reject.message.isEmpty && !reject.reason.isEmpty)
            }
            #expect(!"\(outcome.report)".contains("jane"))
            #expect(!outcome.rows.joined().contains("jane"))
            let first = try #require(outcome.rejects.first)
            #expect(
                first.message == "`id` is …; expected a whole number from -2147483648 to 2147483647"
            )
            #expect(first.line == 2)
        }
    }

    @Test("is not in what the engine says of a SELECT that fails")
    func failingSelect() async throws {
        try await withFolder { folder in
            let bench = try Self.bench(folder, key: Data(repeating: 65, count: 32))
            let dataset = Dataset.of(
                [Self.column("email", .hash), .of("other", .text)],
                transform: "SELECT * FROM {{input}} WHERE CAST(other AS INTEGER) > 0")
            let error = await #expect(throws: EngineError.self) {
                try await bench.run(dataset, [("a.csv", "email,other\nx,\(Self.secret)\n")])
            }
            #expect(error?.kind == .statement)
            #expect(error?.description.contains("Could not convert string") == true)
            #expect(error?.description.contains("jane") == false)
        }
    }

    @Test("cannot be asked for its key by the dataset's own SELECT")
    func theft() async throws {
        try await withFolder { folder in
            let bench = try Self.bench(folder, key: Data(repeating: 65, count: 32))
            let dataset = Dataset.of(
                [Self.column("email", .hash)],
                transform: """
                    SELECT concat(getvariable('personal_inner'), getvariable('personal_outer'), \
                    getvariable('personal_key')) AS email, _object, _line FROM {{input}}
                    """)
            let outcome = try await bench.run(dataset, [("a.csv", "email\nx\n")])
            #expect(outcome.rows == [#"{"email":""}"#])
        }
    }
}
