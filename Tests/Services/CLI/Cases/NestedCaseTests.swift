import Foundation
import Kit
import Stack
import Testing

@testable import millrace

@Suite(
    "A case of tables that grow or have children", .timeLimit(.minutes(5)),
    .enabled(if: ServerPrograms.engine() != nil, "needs the engine"))
struct NestedCaseTests {
    private func run(_ pipeline: String, _ test: String) async throws -> VerbCall {
        try await withFolder { folder in
            try FileManager.default.createDirectory(
                atPath: "\(folder)/tests", withIntermediateDirectories: true)
            try Data(pipeline.utf8).write(to: URL(filePath: "\(folder)/pipeline.yaml"))
            try Data(test.utf8).write(to: URL(filePath: "\(folder)/tests/a.yaml"))
            return try await VerbCall(millrace.Test(), [folder])
        }
    }

    private static func orders(_ load: String) -> String {
        """
        name: shop
        datasets:
          orders:
            source: {files: orders}
            format: jsonl
            columns: {id: integer, version: integer}
            children:
              items: {columns: {sku: text required, price: decimal}}
              tags: {value: {tag: text}}
            load: \(load)
        models:
          sold: {sql: "select sku, sum(price) as total from {{orders_items}} group by sku", key: sku}
        """
    }

    private static func cases(_ rows: String, sold: String) -> String {
        #"""
        name: items
        batches:
          - orders: [{text: '{"id":1,"version":2,"items":[{"sku":"a","price":1.10},{"sku":"b"}],"tags":["x"]}'}]
          - orders:
              - text: |
                  {"id":1,"version":1,"items":[{"sku":"old"}]}
                  {"id":2,"version":1,"items":[{"sku":"a","price":2}]}
                  {"id":3,"version":1,"items":[{"price":2}]}
        expect:
          orders_items: {rows: \#(rows)}
          rejects: {orders: [{line: 3, column: "items[].sku", reason: missing_value}]}
          models: {sold: {rows: \#(sold)}}
        """#
    }

    @Test("knows the tables of children, and the models that read them")
    func children() async throws {
        let merged = try await run(
            Self.orders("{mode: merge, key: id, newest_by: version}"),
            Self.cases(
                "[{id: 1, _position: 1, sku: a, price: 1.1}, {id: 1, _position: 2, sku: b}, {id: 2, _position: 1, sku: a, price: 2}]",
                sold: "[{sku: a, total: 3.1}, {sku: b}]"))
        #expect(merged.code == .done, "\(merged.output)\(merged.errors)")
        let appended = try await run(
            Self.orders("append"),
            Self.cases(
                "[{_record: 1, sku: a}, {_record: 1, sku: b}, {_record: 1, sku: old}, {_record: 2, sku: a}]",
                sold: "[{sku: a, total: 3.1}, {sku: b}, {sku: old}]"))
        #expect(appended.code == .done, "\(appended.output)\(appended.errors)")
        let wrong = try await run(
            Self.orders("append"),
            "name: a\ngiven: {orders: [{text: ''}]}\nexpect: {orders_item: {rows: []}}")
        #expect(wrong.code != .done && "\(wrong.output)\(wrong.errors)".contains("orders_items"))
    }

    @Test("names columns that data has brought under the dataset's contract")
    func growth() async throws {
        let pipeline = """
            name: shop
            datasets:
              items:
                source: {files: items}
                columns: {id: integer, n: smallint}
                contract: evolve
                load: {mode: merge, key: id}
              found:
                source: {files: found}
                columns: infer
                load: append
            models:
              sums: {sql: "select sum(weight) as weight from {{items}}", key: weight}
            """
        let call = try await run(
            pipeline,
            """
            name: grows
            batches:
              - items: [{rows: [{id: 1, n: 1, weight: 1.5}]}]
              - items: [{rows: [{id: 2, n: 70000, weight: 2, seen: "2020-02-29"}]}]
                found: [{text: "a,b\\n007,1\\n", name: f.csv}]
            expect:
              items: {rows: [{id: 1, n: 1, weight: 1.5, seen: null}, {id: 2, n: 70000, weight: 2, seen: "2020-02-29"}]}
              found: {rows: [{a: "007", b: 1}]}
              models: {sums: {rows: [{weight: 3.5}]}}
            """)
        #expect(call.code == .done, "\(call.output)\(call.errors)")
        let wrong = try await run(
            pipeline,
            "name: a\ngiven: {items: [{rows: [{id: 1, n: 1}]}]}\nexpect: {items: {rows: [{wait: 1}]}}"
        )
        #expect(wrong.code != .done && "\(wrong.output)\(wrong.errors)".contains("wait"))
    }
}
