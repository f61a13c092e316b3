import Foundation
import Kit
import Postgres
import Testing

extension EndToEnd {
    @Suite("Child tables of a dataset")
    struct ChildTests {
        private static let yaml = """
            name: nested
            datasets:
              orders:
                source: {files: nested/orders}
                format: jsonl
                columns: {id: bigint required, customer: text, version: integer}
                children:
                  items: {path: order.items, columns: {sku: text required, price: decimal}}
                load: {mode: merge, key: id, newest_by: version}
              visits:
                source: {files: nested/visits}
                format: jsonl
                columns: {customer: text}
                children: {pages: {value: {page: text}}}
                load: append
            models:
              sold: {sql: "select sku, sum(price) as total from {{orders_items}} group by sku", key: sku}
            """

        @Test("are filled, shown, followed back, replayed and forgotten with their records")
        func way() async throws {
            let stack = try TestStack.required()
            let folder = try stack.newFolder("nested")
            func write(_ name: String, _ text: String) throws -> String {
                let file = folder.appending(path: name)
                try text.write(to: file, atomically: true, encoding: .utf8)
                return file.path
            }
            _ = try write("pipeline.yaml", Self.yaml)
            let plan = try await stack.millrace("plan", folder.path)
            #expect(plan.text.contains("with orders_items"), "\(plan.text)\(plan.errors)")
            #expect(try await stack.millrace("apply", folder.path).code == 0)
            func put(_ dataset: String, _ name: String, _ lines: String) async throws -> String {
                let answer = try await stack.millrace(
                    "put", "nested", dataset, try write(name, lines), "--wait", "--format", "json")
                #expect(answer.code == 0, "\(answer.errors)")
                return try #require(try answer.decoded([Put].self).first?.run)
            }
            let run = try await put(
                "orders", "a.jsonl",
                #"""
                {"id":1,"customer":"Ann","version":1,"order":{"items":[{"sku":"a","price":4.10},{"sku":"b"}]}}
                {"id":2,"customer":"Bob","version":1,"order":{"items":[{"sku":"a","price":1}]}}
                {"id":3,"customer":"Cid","version":1,"order":{"items":[{"sku":"a","price":"x"}]}}
                """#)
            _ = try await put(
                "orders", "b.jsonl",
                #"{"id":1,"customer":"Ann","version":2,"order":{"items":[{"sku":"c","price":2}]}}"#)
            _ = try await put(
                "visits", "c.jsonl",
                #"{"customer":"Ann","pages":["x","y"]}"#
                    + "\n{\"customer\":\"Bob\",\"pages\":[\"z\"]}")
            let warehouse = try stack.warehouse()
            let question = """
                select coalesce((select string_agg(concat(id, sku), ' ' order by id, _position) from nested.orders_items), '')
                    || '|' || coalesce((select string_agg(v.customer || page, ' ' order by page) from nested.visits v
                        join nested.visits_pages using (_source_id, _record)), '')
                """
            #expect(try await rows(question, warehouse) == ["1c 2a|Annx Anny Bobz"])

            let page = try await stack.millrace("show", run)
            #expect(
                page.text.contains(
                    "orders_items  read 4 = published 3 + superseded 0 + filtered 0 + rejected 1"),
                "\(page.text)")
            let trace = try await stack.millrace("trace", "nested.orders_items", "id=2", "sku=a")
            #expect(
                trace.text.contains("nested.orders_items") && trace.text.contains("line      2"))
            #expect(trace.text.contains(#""customer":"Bob""#), "\(trace.text)\(trace.errors)")
            let visit = try await stack.millrace("trace", "nested.visits_pages", "page=z")
            #expect(visit.text.contains(#""pages":["z"]"#), "\(visit.text)\(visit.errors)")
            for (words, text) in [
                (["schema", "show", "nested.orders_items"], "numeric(38,9)"),
                (["schema", "diff", "nested"], "as the pipeline declares them"),
                (["catalog", "nested.visits_pages"], "child"),
                (
                    [
                        "query", "--lake",
                        "select unnest(_child_items).sku from processed.nested.orders",
                    ], "c"
                ),
            ] {
                let answer = try await stack.millrace(words)
                #expect(
                    answer.code == 0 && (answer.text + answer.errors).contains(text),
                    "\(words) \(answer.errors)")
                #expect(!answer.text.contains("extra"), "\(answer.text)")
            }
            let lake = try await stack.millrace(
                "query", "--lake", "select * from processed.nested.orders_items")
            #expect(lake.code == 2 && lake.errors.contains("`_child_items` of `orders`"))

            let replay = try await stack.millrace("replay", run, "--current", "--wait")
            #expect(replay.code == 0, "\(replay.errors)")
            #expect(try await rows(question, warehouse) == ["1c 2a|Annx Anny Bobz"])

            let words = ["erase", "nested", "--key", "customer=Ann", "--format", "json"]
            let dry = try await stack.millrace(words)
            #expect(try count(dry, "nested.orders_items") == 1)
            #expect(try count(dry, "nested.visits_pages") == 2)
            #expect(try await stack.millrace(words + ["--yes"]).code == 0)
            #expect(try await rows(question, warehouse) == ["2a|Bobz"])
            let left = try await stack.millrace(
                "query", "--lake", "select count(*) from processed.nested.orders where id = 1",
                "--format", "json")
            #expect(left.text.contains("0"), "\(left.text)")
        }

        private struct Put: Decodable { let run: String? }

        private struct Finding: Decodable {
            let place: String
            let count: Int
        }

        private func count(_ answer: Answer, _ place: String) throws -> Int {
            try answer.decoded([Finding].self).filter { $0.place == place }
                .reduce(0) { $0 + $1.count }
        }

        private func rows(_ sql: String, _ warehouse: PostgresPool) async throws -> [String] {
            try await warehouse.query(sql).compactMap { $0.values.first ?? nil }
        }
    }
}
