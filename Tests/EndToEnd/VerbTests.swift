import Foundation
import Testing

extension EndToEnd {
    @Suite("The command line")
    struct VerbTests {
        @Test("tells a run's story")
        func story() async throws {
            let stack = try TestStack.required()
            let pipeline = try await TestPipeline.apply("verbs", stack)
            let traffic = try await Traffic.make(stack, rows: 100)
            try await pipeline.put("users", traffic.file("users"))
            let run = try #require(try await pipeline.runs().first)
            let page = try await stack.millrace("show", String(run.run.prefix(20)))
            #expect(page.code == 0)
            for word in ["verbs.users", "Balance", "✓", "arrival to queryable", "transformed"] {
                #expect(page.text.contains(word), "\(page.text)")
            }
            let again = try await stack.millrace(
                "put", "verbs", "users", traffic.file("users").path, "--wait")
            #expect(again.text.contains("nothing new"))
        }

        @Test("answers questions in three forms, and lets nobody change anything")
        func query() async throws {
            let stack = try TestStack.required()
            let sql = "select 7 as \"a b\", null as none, true as yes -- the end"
            let json = try await stack.millrace("query", sql, "--format", "json")
            #expect(json.text == "[\n{\"a b\":7,\"none\":null,\"yes\":true}\n]\n")
            let csv = try await stack.millrace("query", sql, "--format", "csv")
            #expect(csv.text == "a b,none,yes\r\n7,,t\r\n")
            let empty = try await stack.millrace(
                "query", "select 1 as one where false", "--format", "csv")
            #expect(empty.text == "one\r\n")
            let cut = try await stack.millrace(
                "query", "select * from generate_series(1, 5) as n", "--limit", "2", "--format",
                "csv")
            #expect(cut.text == "n\r\n1\r\n2\r\n")
            #expect(cut.errors.contains("--limit"))
            for forbidden in [
                "delete from millrace.ledger", "create table x (y int)",
                "with gone as (delete from millrace.ledger returning 1) select * from gone",
                "select secret from millrace.subscriptions",
            ] {
                let answer = try await stack.millrace("query", forbidden)
                #expect(answer.code != 0, "\(forbidden)")
            }
        }

        @Test("names every mistake of a pipeline with its place and the nearest right word")
        func lint() async throws {
            let stack = try TestStack.required()
            let folder = try stack.newFolder("mistakes")
            try Self.mistakes.write(
                to: folder.appending(path: "pipeline.yaml"), atomically: true, encoding: .utf8)
            let answer = try await stack.millrace("lint", folder.path)
            #expect(answer.code == 2)
            for (place, word) in Self.expected {
                #expect(answer.text.contains("pipeline.yaml:\(place)"), "\(place)")
                #expect(answer.text.contains(word), "\(word)")
            }
        }

        private static let mistakes = """
            name: Shop
            descriptoin: ten mistakes
            datasets:
              books:
                source: {files: {path: shop, pattern: [a.csv]}}
                columns:
                  book_id: bigit required
                  title: {type: text, requird: true}
                  rating: {type: double, min: 5, max: 0}
                load: {mode: merg, key: id}
                checks:
                  - not_nul: book_id
                  - reference: {column: book_id, to: authors.author_id}
            models:
              best:
                sql: "select * from {{bookz}}"

            """

        private static let expected = [
            ("1:", "name"), ("2:", "description"), ("5:", "patterns"), ("7:", "bigint"),
            ("8:", "required"), ("9:", "min"), ("10:", "merge"), ("12:", "not_null"),
            ("13:", "authors"), ("16:", "books"),
        ]
    }
}
