import Events
import Foundation
import Kit
import Postgres
import Stack
import Testing

extension EndToEnd {
    /// A year of a shop, a file for each day, dropped at once. It takes minutes: `make test-data`.
    @Suite(
        "A year of a shop",
        .enabled(
            if: ProcessInfo.processInfo.environment["MILLRACE_TEST_DATA_LOADS"] != nil
                && TestData.path("online_retail/by-day") != nil,
            "needs MILLRACE_TEST_DATA_LOADS and the data of online_retail"),
        .timeLimit(.minutes(30)))
    struct RetailTests {
        private static func dataset(_ name: String, _ load: String) -> String {
            """
              \(name):
                source: {files: retail/\(name)}
                columns:
                  invoice: {type: text, field: InvoiceNo, required: true}
                  stock_code: {type: text, field: StockCode, required: true}
                  description: {type: text, field: Description}
                  quantity: {type: integer, field: Quantity}
                  invoiced_at: {type: timestamp, field: InvoiceDate}
                  unit_price: {type: decimal, field: UnitPrice}
                  customer: {type: text, field: CustomerID}
                  country: {type: text, field: Country}
                load: \(load)

            """
        }

        @Test("is published whole from 305 files in any order, and what is sent again wins")
        func year() async throws {
            let stack = try TestStack.required()
            let folder = try stack.newFolder("retail")
            let yaml =
                "name: retail\ndatasets:\n" + Self.dataset("lines", "append")
                + Self.dataset("items", "{mode: merge, key: [invoice, stock_code]}")
            try yaml.write(
                to: folder.appending(path: "pipeline.yaml"), atomically: true, encoding: .utf8)
            let applied = try await stack.millrace("apply", folder.path)
            try #require(applied.code == 0, "\(applied.errors)")
            let source = try #require(TestData.path("online_retail/by-day"))
            let days = try FileManager.default.contentsOfDirectory(atPath: source)
                .filter { $0.hasSuffix(".csv") }.shuffled()
            #expect(days.count == 305)
            let warehouse = try stack.warehouse()
            let begin = ContinuousClock.now
            for dataset in ["lines", "items"] {
                for day in days { try drop("\(source)/\(day)", as: day, to: dataset, stack) }
            }
            try await published(305, warehouse)
            let seconds = (ContinuousClock.now - begin) / .seconds(1)
            print("1,083,818 records in 610 files: \(Int(seconds)) s")
            #expect(try await one("select count(*) from retail.lines", warehouse) == "541909")
            let keys = try await one("select count(*) from retail.items", warehouse)
            let totals = """
                select string_agg(concat_ws(' ', dataset, read, rejected, is_balanced), ', ' order by dataset)
                from (
                    select dataset, sum(read) as read, sum(rejected) as rejected,
                        bool_and(read = published + superseded + filtered + rejected) as is_balanced
                    from millrace.ledger where pipeline = 'retail' group by dataset
                ) as sums
                """
            #expect(
                try await one(totals, warehouse) == "items 541909 0 t, lines 541909 0 t")

            let changed = folder.appending(path: "changed")
            try FileManager.default.createDirectory(at: changed, withIntermediateDirectories: true)
            for day in days.prefix(10) {
                let text = try String(contentsOfFile: "\(source)/\(day)", encoding: .utf8)
                let file = changed.appending(path: day)
                try text.replacing(",United Kingdom\n", with: ",Changed\n")
                    .write(to: file, atomically: true, encoding: .utf8)
                try drop(file.path, as: "again-\(day)", to: "items", stack)
            }
            try await eventually(within: .seconds(300), "the changed files are published") {
                try await one(
                    "select count(*) from millrace.ledger where name like 'again-%'", warehouse)
                    == "10"
            }
            #expect(try await one("select count(*) from retail.items", warehouse) == keys)
            let names = days.prefix(10).map { "'\($0)'" }.joined(separator: ", ")
            let stale = """
                select count(*) from retail.items join millrace.ledger on source_id = _source_id
                where country = 'United Kingdom' and name in (\(names))
                """
            #expect(try await one(stale, warehouse) == "0")
            #expect(
                try await one(
                    "select count(*) > 0 from retail.items where country = 'Changed'", warehouse)
                    == "t")
        }

        private func published(_ count: Int, _ warehouse: PostgresPool) async throws {
            let sql = """
                select coalesce(min(files), 0) from (
                    select count(*) as files from millrace.ledger where pipeline = 'retail'
                    group by dataset having count(*) > 0
                ) as found having count(*) = 2
                """
            try await eventually(within: .seconds(1_200), "all files are published") {
                try await one(sql, warehouse) == "\(count)"
            }
        }

        private func drop(
            _ path: String, as name: String, to dataset: String, _ stack: TestStack
        ) throws {
            let inbox = URL(filePath: stack.folder.inbox, directoryHint: .isDirectory)
                .appending(path: "retail/\(dataset)", directoryHint: .isDirectory)
            try FileManager.default.createDirectory(at: inbox, withIntermediateDirectories: true)
            let aside = inbox.appending(path: ".\(name).part")
            try FileManager.default.copyItem(at: URL(filePath: path), to: aside)
            try FileManager.default.moveItem(at: aside, to: inbox.appending(path: name))
        }

        private func one(_ sql: String, _ warehouse: PostgresPool) async throws -> String? {
            try await warehouse.query(sql).first?.values.first ?? nil
        }
    }
}
