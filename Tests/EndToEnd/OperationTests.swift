import Foundation
import Postgres
import Testing

extension EndToEnd {
    @Suite("What an operator asks for")
    struct OperationTests {
        @Test("a scheduled pipeline waits for its time, or for somebody who runs it")
        func schedule() async throws {
            let stack = try TestStack.required()
            let slow = try await Self.apply("yearly", "trigger: {schedule: \"@yearly\"}", stack)
            let file = slow.appending(path: "rows.csv")
            try "id,name\n1,Ann\n".write(to: file, atomically: true, encoding: .utf8)
            let put = try await stack.millrace("put", "yearly", "people", file.path)
            #expect(put.code == 0, "\(put.errors)")
            let lake = "select count(*) as n from landing.yearly.people"
            try await eventually(stack, ["query", "--lake", lake, "--format", "csv"], "\"2\"|2")
            let runs = try await stack.millrace("runs", "--pipeline", "yearly", "--format", "json")
            #expect(runs.text == "[]\n")
            let run = try await stack.millrace("run", "yearly", "--wait", "--format", "json")
            #expect(run.code == 0, "\(run.errors)")
            #expect(try run.decoded([Run].self).map(\.published) == [1])
            let nothing = try await stack.millrace("run", "yearly", "people", "--wait")
            #expect(nothing.code == 0 && nothing.errors.contains("nothing lies"))
            let wrong = try await stack.millrace("run", "yearli")
            #expect(wrong.code == 2 && wrong.errors.contains("yearly"))

            let fast = try await Self.apply("often", "trigger: {every: 10s}", stack)
            let other = fast.appending(path: "rows.csv")
            try "id,name\n2,Bob\n".write(to: other, atomically: true, encoding: .utf8)
            let waited = try await stack.millrace("put", "often", "people", other.path, "--wait")
            #expect(waited.code == 0, "\(waited.errors)")
        }

        @Test("the catalog tells what there is, and the lake answers questions by name")
        func catalog() async throws {
            let stack = try TestStack.required()
            let folder = try await Self.apply("known", "", stack)
            let file = folder.appending(path: "rows.csv")
            try "id,name\n1,Ann\n2,\"B,ob\"\n3,\n".write(
                to: file, atomically: true, encoding: .utf8)
            let put = try await stack.millrace("put", "known", "people", file.path, "--wait")
            try #require(put.code == 0, "\(put.errors)")
            let entries = try await stack.millrace("catalog", "known", "--format", "json")
                .decoded([Entry].self)
            let entry = try #require(entries.first { $0.name == "people" })
            #expect(entry.columns.map(\.warehouse) == ["bigint", "text"])
            #expect(entry.zones.first { $0.zone == "processed" }?.objects == 1)
            #expect(entry.zones.first { $0.zone == "working" }?.objects == 1)
            #expect(entry.published_at != nil)
            let page = try await stack.millrace("catalog", "known.people")
            for word in ["known.people", "merge by id", "bigint", "processed"] {
                #expect(page.text.contains(word), "\(page.text)")
            }
            #expect(try await stack.millrace("catalog", "knwon").errors.contains("known"))

            let typed =
                "select id, name, date is not null as d from processed.known.people order by id"
            let json = try await stack.millrace("query", "--lake", typed, "--format", "json")
            #expect(json.text.contains(#""name":"B,ob""#) && json.text.contains(#""d":true"#))
            let csv = try await stack.millrace(
                "query", "--lake", typed, "--format", "csv", "--limit", "1")
            #expect(csv.text == "id,name,d\r\n1,Ann,true\r\n" && csv.errors.contains("--limit"))
            let raw = try await stack.millrace(
                "query", "--lake", "select line from working.known.people", "--format", "csv")
            #expect(raw.text.contains("id,name") && raw.text.contains("B,ob"))
            for (sql, word) in [
                ("select * from processed.known.peple", "people"),
                ("select * from processed.knwon.people", "known"), ("select 1", "names no table"),
                ("select nothing from processed.known.people", "nothing"),
                ("select 1; select * from processed.known.people", "one statement"),
                ("select * from processed.known.people, read_text('/etc/hostname')", "lake"),
                ("copy (select 1 from processed.known.people) to '/tmp/x.csv'", "lake"),
            ] {
                let answer = try await stack.millrace("query", "--lake", sql)
                #expect(
                    answer.code != 0 && answer.errors.contains(word), "\(sql): \(answer.errors)")
            }
        }

        @Test("a plan says what an apply would change, and what would make batches fail")
        func plan() async throws {
            let stack = try TestStack.required()
            let folder = try await Self.apply("planned", "", stack)
            let file = folder.appending(path: "rows.csv")
            try "id,name\n1,Ann\n2,Ann\n".write(to: file, atomically: true, encoding: .utf8)
            let put = try await stack.millrace("put", "planned", "people", file.path, "--wait")
            try #require(put.code == 0, "\(put.errors)")
            let same = try await stack.millrace("plan", folder.path, "--exit-code")
            #expect(same.code == 0 && same.text.contains("nothing to do"), "\(same.text)")

            let yaml = folder.appending(path: "pipeline.yaml")
            let text = try String(contentsOf: yaml, encoding: .utf8)
                .replacing(
                    "id: bigint required", with: "id: text required\n      age: integer optional"
                )
                .replacing("key: id", with: "key: name")
                .replacing("models:", with: "models:\n  more: {sql: \"select * from {{names}}\"}")
                .replacing("select name", with: "select lower(name) as name")
                .replacing("planned\ndatasets", with: "planned\ntrigger: {every: 6h}\ndatasets")
            try text.write(to: yaml, atomically: true, encoding: .utf8)
            let plan = try await stack.millrace("plan", folder.path, "--exit-code")
            #expect(plan.code == 4, "\(plan.errors)")
            for word in [
                "+ planned.people.age", "bigint in the warehouse, text",
                "key (id) in the warehouse",
                "2 rows share 1 key", "~ planned.names", "+ planned.more", "arrival -> every 6h",
            ] {
                #expect(plan.text.contains(word), "\(word): \(plan.text)")
            }
            let json = try await stack.millrace("plan", folder.path, "--format", "json")
            let changes = try #require(try json.decoded([Planned].self).first?.changes)
            #expect(changes.contains { $0.weight == "conflict" && $0.area == "column" })
        }

        private static func apply(
            _ name: String, _ trigger: String, _ stack: TestStack
        ) async throws -> URL {
            let folder = try stack.newFolder(name)
            let text = """
                name: \(name)
                \(trigger.isEmpty ? "" : trigger + "\n")datasets:
                  people:
                    source: {files: {path: \(name)}}
                    columns:
                      id: bigint required
                      name: text
                    load: {mode: merge, key: id}
                models:
                  names: {sql: "select name, count(*) as people from {{people}} group by name"}

                """
            try text.write(
                to: folder.appending(path: "pipeline.yaml"), atomically: true, encoding: .utf8)
            let answer = try await stack.millrace("apply", folder.path)
            try #require(answer.code == 0, "\(answer.errors)")
            return folder
        }

        /// Waits until a call prints one of some words.
        private func eventually(
            _ stack: TestStack, _ words: [String], _ expected: String
        ) async throws {
            let clock = ContinuousClock()
            let end = clock.now + .seconds(60)
            var text = ""
            while clock.now < end {
                text = try await stack.millrace(words).text
                if expected.split(separator: "|").contains(where: text.contains) { return }
            }
            Issue.record("it said \(text)")
        }

        private struct Run: Decodable { let published: Int }

        private struct Entry: Decodable {
            struct Column: Decodable { let warehouse: String? }
            struct Folder: Decodable {
                let zone: String
                let objects: Int
            }
            let name: String
            let columns: [Column]
            let zones: [Folder]
            let published_at: String?
        }

        private struct Planned: Decodable {
            struct Change: Decodable {
                let area: String
                let weight: String
            }
            let changes: [Change]
        }
    }
}
