import Foundation
import Kit
import Postgres
import Processes
import Stack
import Testing
import Warehouse

@Suite(
    "The verbs about schemas",
    .enabled(if: DeadBench.canRun, "needs a broker, a warehouse and the program"), .serialized,
    .timeLimit(.minutes(5)))
struct SchemaVerbTests {
    private static let yaml = """
        name: shop
        datasets:
          days:
            source: {files: days}
            contract: evolve
            columns:
              id: bigint required   # the key
              gone: text
              size: integer
            load: {mode: merge, key: id}

        """

    /// A table that evolution has changed, as the loader leaves it.
    private static let evolved = """
        create schema shop;
        create table shop.days (
            id bigint primary key, size text, zip_code text, price numeric, note text,
            _source_id bigint not null);
        insert into millrace.schema_versions (pipeline, dataset, version, revision, batch, object,
            columns, changes, is_evolution, changes_types)
        values ('shop', 'days', 1, 'r', null, null, '[
                {"name": "id", "field": "id", "type": "bigint", "origin": "declared"},
                {"name": "size", "field": "size", "type": "integer", "origin": "declared"}]',
            '{the table is made}', false, false),
        ('shop', 'days', 2, 'r', 'b', 'a.csv', '[
                {"name": "id", "field": "id", "type": "bigint", "origin": "declared"},
                {"name": "size", "field": "size", "type": "text", "origin": "evolved"},
                {"name": "zip_code", "field": "zipCode", "type": "text", "origin": "evolved"},
                {"name": "price", "field": "price", "type": "numeric", "origin": "evolved"}]',
            '{"`zip_code` is new"}', true, true);
        """

    private struct Bench: Sendable {
        let folder: String
        let environment: [String: String]

        var file: String { "\(folder)/shop/pipeline.yaml" }

        func text() throws -> String { try String(contentsOfFile: file, encoding: .utf8) }

        func millrace(
            _ words: String...
        ) async throws -> (code: Int32, text: String, errors: String) {
            let result = try await run(
                Command(
                    DeadBench.program, words, environment: environment,
                    output: .capture(.first, limitBytes: 1 << 20), timeLimit: .seconds(120)))
            var code: Int32 = -1
            if case .exited(let number) = result.ending { code = number }
            return (code, result.text, result.errorText)
        }
    }

    private func withBench(_ body: @Sendable (Bench) async throws -> Void) async throws {
        try await withDatabase { address in
            let pool = PostgresPool(address, size: 2, applicationName: "schema test")
            try await SystemSchema.migrate(pool)
            try await pool.with { try await $0.execute(Self.evolved) }
            guard var parts = TestWarehouse.url.flatMap({ URLComponents(string: $0) }) else {
                throw CommandFailure(text: "no warehouse")
            }
            parts.path = "/\(address.database)"
            let url = parts.string ?? ""
            try await withFolder { folder in
                try FileManager.default.createDirectory(
                    atPath: "\(folder)/shop", withIntermediateDirectories: true)
                var environment = ProcessInfo.processInfo.environment
                environment["MILLRACE_WAREHOUSE_URL"] = url
                environment["MILLRACE_LAKE"] = "file://\(folder)/lake"
                environment["MILLRACE_DATA"] = "\(folder)/none"
                environment["NO_COLOR"] = "1"
                let bench = Bench(folder: folder, environment: environment)
                try Data(Self.yaml.utf8).write(to: URL(filePath: bench.file))
                let applied = try await bench.millrace("apply", "\(folder)/shop")
                #expect(applied.code == 0, "\(applied.errors)")
                try await body(bench)
            }
        }
    }

    @Test("show each column with the version and the file that brought it")
    func show() async throws {
        try await withBench { bench in
            let answer = try await bench.millrace("schema", "show", "shop", "--format", "json")
            #expect(answer.code == 0, "\(answer.errors)")
            struct Row: Decodable {
                let column: String
                let type: String
                let origin: String
                let since: Int?
                let from: String?
            }
            let rows = try JSONDecoder().decode([Row].self, from: Data(answer.text.utf8))
            let texts = rows.map {
                "\($0.column) \($0.type) \($0.origin) \($0.since ?? 0) \($0.from ?? "-")"
            }
            #expect(
                texts == [
                    "id bigint declared 1 -", "size text evolved 2 a.csv",
                    "zip_code text evolved 2 a.csv", "price numeric evolved 2 a.csv",
                    "note text foreign 0 -",
                ])
        }
    }

    @Test("tell what differs, and which name was meant")
    func diff() async throws {
        try await withBench { bench in
            let answer = try await bench.millrace("schema", "diff", "shop.days", "--format", "csv")
            let lines = answer.text.split(whereSeparator: \.isNewline).dropFirst().map(String.init)
            #expect(
                lines == [
                    "days,gone,missing,text,", "days,size,other type,integer,text",
                    "days,zip_code,extra,,text", "days,price,extra,,numeric",
                    "days,note,extra,,text",
                ])
            let wrong = try await bench.millrace("schema", "diff", "shop.dyas")
            #expect(wrong.code == 2 && wrong.errors.contains("did you mean `days`?"))
            let none = try await bench.millrace("schema", "show", "shpo")
            #expect(none.code == 2 && none.errors.contains("did you mean `shop`?"))
        }
    }

    @Test("declare what data has brought, and nothing that others added")
    func accept() async throws {
        try await withBench { bench in
            let folder = "\(bench.folder)/shop"
            let dry = try await bench.millrace("schema", "accept", "shop", folder, "--dry-run")
            #expect(dry.code == 0 && dry.text.contains("zip_code"), "\(dry.errors)")
            #expect(try bench.text() == Self.yaml)
            let answer = try await bench.millrace("schema", "accept", "shop.days", folder)
            #expect(answer.code == 0, "\(answer.errors)")
            #expect(answer.errors.contains("days.size is text in the warehouse"))
            #expect(
                try bench.text()
                    == Self.yaml.replacing(
                        "      size: integer\n",
                        with: """
                                  size: integer
                                  zip_code: {type: text, field: "zipCode", optional: true}
                                  price: decimal optional

                            """))
            let again = try await bench.millrace("schema", "accept", "shop", folder)
            #expect(again.errors.contains("no column that is not declared"))
            let other = try await bench.millrace("schema", "accept", "other", folder)
            #expect(other.code == 2 && other.errors.contains("is not the folder of a pipeline"))
        }
    }
}
