import Foundation
import Postgres
import Testing

extension EndToEnd {
    @Suite("Lint that asks the systems")
    struct LiveLintTests {
        @Test("names what the warehouse has against a pipeline, each at its place")
        func live() async throws {
            let stack = try TestStack.required()
            let folder = try stack.newFolder("live")
            let yaml = folder.appending(path: "pipeline.yaml")
            try Self.text.write(to: yaml, atomically: true, encoding: .utf8)
            let new = try await stack.millrace("lint", "--live", folder.path)
            #expect(new.code == 0, "\(new.text)\(new.errors)")
            #expect(try await stack.millrace("apply", folder.path).code == 0)
            let file = folder.appending(path: "rows.csv")
            try "id,name\n1,Ann\n2,Ann\n".write(to: file, atomically: true, encoding: .utf8)
            let put = try await stack.millrace("put", "live", "people", file.path, "--wait")
            try #require(put.code == 0, "\(put.errors)")
            let right = try await stack.millrace("lint", "--live", folder.path)
            #expect(right.code == 0, "\(right.text)\(right.errors)")

            let wrong = Self.text
                .replacing("id: bigint required", with: "id: text required")
                .replacing("key: id", with: "key: name")
                .replacing("people}\n    columns", with: "/nowhere/at-all}\n    columns")
                .replacing("group by name", with: "group by nobody")
                .replacing("where id < 0", with: "where ident < 0")
            try wrong.write(to: yaml, atomically: true, encoding: .utf8)
            let answer = try await stack.millrace("lint", "--live", folder.path)
            #expect(answer.code == 2, "\(answer.text)")
            for (place, word) in [
                ("4:14", "no folder /nowhere/at-all"), ("6:7", "bigint in the warehouse"),
                ("8:25", "2 rows share 1 key"), ("8:25", "key (id) in the warehouse"),
                ("9:5", "ident"), ("12:11", "nobody"),
            ] {
                #expect(answer.text.contains(word), "\(word): \(answer.text)")
                #expect(answer.text.contains("pipeline.yaml:\(place)"), "\(place): \(answer.text)")
            }
            // Nothing of it stays.
            let rows = try await stack.warehouse().query(
                "select count(*) as n from pg_namespace where nspname like 'millrace_lint%'")
            #expect(rows.first?["n"] == "0")
        }

        @Test("asks nothing of tables whose columns their first file brings")
        func inferred() async throws {
            let stack = try TestStack.required()
            let folder = try stack.newFolder("live_inferred")
            let text = """
                name: live_inferred
                datasets:
                  things: {source: {files: things}, columns: infer, load: append}
                  days:
                    source: {files: days}
                    columns: {id: bigint}
                    load: append
                    checks:
                      - {name: bad, sql: "select _object, _line from {{table}} where id < 0", severity: quarantine}
                      - {name: all, sql: "select 1 from {{table}} where id not in (select id from {{things}})"}
                models:
                  first:
                    sql: "select count(*) as n from {{days}}"
                    checks: [{name: same, sql: "select 1 from {{table}} where n > (select n from {{second}})"}]
                  second: {sql: "select count(*) as n from {{days}} where id is not null"}
                  third: {sql: "select count(name) as n from {{things}}"}
                """
            try text.write(
                to: folder.appending(path: "pipeline.yaml"), atomically: true, encoding: .utf8)
            let answer = try await stack.millrace("lint", "--live", folder.path)
            #expect(answer.code == 0, "\(answer.text)\(answer.errors)")
        }

        private static let text = """
            name: live
            datasets:
              people:
                source: {files: people}
                columns:
                  id: bigint required
                  name: text
                load: {mode: merge, key: id}
                checks:
                  - {name: odd, sql: "select 1 from {{table}} where id < 0"}
            models:
              names: {sql: "select name, count(*) as people from {{people}} group by name"}

            """
    }
}
