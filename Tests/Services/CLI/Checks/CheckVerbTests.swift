import Foundation
import Kit
import Lake
import Pipelines
import Postgres
import Testing
import Warehouse

@testable import millrace

@Suite(
    "The verbs about checks", .timeLimit(.minutes(5)),
    .enabled(if: TestWarehouse.isAvailable, Comment(rawValue: TestWarehouse.missing)))
struct CheckVerbTests {
    private struct Bench: Sendable {
        let pool: PostgresPool
        let folder: String
        let environment: [String: String]

        func call(_ command: any millrace.Command, _ words: String...) async throws -> VerbCall {
            try await VerbCall(command, words, environment: environment)
        }

        func rows(_ call: VerbCall) throws -> [[String: String]] {
            let found = try JSONSerialization.jsonObject(with: Data(call.output.utf8))
            return try #require(found as? [[String: Any]]).map { row in
                row.mapValues { $0 is NSNull ? "null" : "\($0)" }
            }
        }
    }

    private static let yaml = """
        name: shop
        datasets:
          orders:
            source: {files: orders}
            columns:
              id: bigint required
              email: {type: text, personal: last4}
              amount: double
            load: {mode: merge, key: id}
            checks:
              - unique: id
              - null_rate: email
                warn: 10%
                block: 50%
              - length: {column: email, max: 4}
              - row_count_change: {over: 5}
                warn: 50%
              - anomaly: {metric: mean, column: amount}
              - freshness: {max_silence: 1h}
          empty:
            source: {files: empty}
            columns: {id: bigint required}
            load: append
            checks: [{unique: id}]

        """

    private func withBench(_ body: @Sendable (Bench) async throws -> Void) async throws {
        try await withDatabase { address in
            let pool = PostgresPool(address, size: 2, applicationName: "check verbs")
            try await SystemSchema.migrate(pool)
            try await pool.with { try await $0.execute(Self.tables) }
            guard var parts = TestWarehouse.url.flatMap({ URLComponents(string: $0) }) else {
                return
            }
            parts.path = "/\(address.database)"
            let url = parts.string ?? ""
            try await withFolder { folder in
                let shop = "\(folder)/shop"
                try FileManager.default.createDirectory(
                    atPath: shop, withIntermediateDirectories: true)
                try Data(Self.yaml.utf8).write(to: URL(filePath: "\(shop)/pipeline.yaml"))
                let (pipeline, report) = PipelineFolder.read(shop)
                let lake = try LakeAddress.open("file://\(folder)/lake")
                _ = try await PipelineCatalog(lake: lake).apply(
                    try #require(pipeline, "\(report.text(colour: false))"))
                let bench = Bench(
                    pool: pool, folder: folder,
                    environment: [
                        "MILLRACE_WAREHOUSE_URL": url, "MILLRACE_LAKE": "file://\(folder)/lake",
                        "MILLRACE_DATA": "\(folder)/none", "NO_COLOR": "1",
                    ])
                try await body(bench)
            }
        }
    }

    /// Twelve batches of ten rows each, a day apart; the last one has strange amounts.
    private static let tables = """
        create schema shop;
        create table shop.orders (
            id bigint primary key, email text, amount double precision, _source_id bigint);
        insert into millrace.ledger (pipeline, dataset, object, batch, revision, name, bytes, read,
            published, superseded, filtered, rejected, committed_at)
        select 'shop', 'orders', 'o' || n, 'b' || n, 'r', 'a.csv', 1, 10, 10, 0, 0, 0,
            now() - (12 - n) * interval '1 day'
        from generate_series(1, 12) as n;
        insert into millrace.runs (batch, pipeline, dataset, revision, state, objects, read,
            published, superseded, filtered, rejected, times, started_at, updated_at)
        select 'b' || n, 'shop', 'orders', 'r', 'published', 1, 10, case n when 7 then 1 else 10 end,
            0, 0, 0, '{}', now(), now() - (12 - n) * interval '1 day'
        from generate_series(1, 12) as n;
        insert into shop.orders
        select n * 10 + k, case when k < 2 then null else '***' || k || 'xxx' end,
            case n when 12 then 5000 else 100 + n % 3 end + k, source_id
        from generate_series(1, 12) as n, generate_series(0, 9) as k, millrace.ledger
        where ledger.batch = 'b' || n;
        """

    @Test("runs them on the tables, keeps what they find, and ends with 3 when one fails")
    func check() async throws {
        try await withBench { bench in
            let call = try await bench.call(RunChecks(), "shop", "orders", "--format", "json")
            #expect(call.code == .gateFailed, "\(call.errors)")
            let rows = try bench.rows(call)
            #expect(
                rows.map { "\($0["check"] ?? "") \($0["outcome"] ?? "")" } == [
                    "unique(id) passed", "null_rate(email) failed", "length(email) failed",
                    "row_count_change learning", "anomaly(mean(amount)) learning",
                    "freshness passed",
                ])
            #expect(rows[1]["severity"] == "warn" && Double(rows[1]["value"] ?? "") == 24)
            #expect(rows[1]["limits"] == "warn above 10%, block above 50%")
            #expect(rows[1]["rows"] == "120")
            // What tells of a person is in no sample.
            #expect(!call.output.contains("***"))
            let kept = try await bench.pool.query(
                "select count(*) as n, bool_and(scope = 'table') as table from millrace.check_results"
            )
            #expect(try kept.first?.integer("n") == 4)
            let missing = try await bench.call(RunChecks(), "shop", "empty")
            #expect(missing.code == .gateFailed)
            #expect(missing.output.contains("there is no table shop.empty yet"))
            let unknown = try await bench.call(RunChecks(), "shop", "ordrs")
            #expect(unknown.code == .usage)
            #expect(unknown.errors.contains("did you mean `orders`?"))
        }
    }

    @Test("list what was found last, and write it as a page")
    func list() async throws {
        try await withBench { bench in
            let none = try await bench.call(ListChecks())
            #expect(none.code == .done && none.errors.contains("no check has run yet"))
            _ = try await bench.call(RunChecks(), "shop", "orders")
            let all = try bench.rows(try await bench.call(ListChecks(), "--format", "json"))
            #expect(all.count == 4)
            let failed = try bench.rows(
                try await bench.call(ListChecks(), "--failed", "--format", "json"))
            #expect(failed.map { $0["check"] } == ["length(email)", "null_rate(email)"])
            let page = "\(bench.folder)/checks.html"
            let call = try await bench.call(ListChecks(), "--report", page)
            #expect(call.code == .done)
            let text = try String(contentsOfFile: page, encoding: .utf8)
            #expect(text.contains("shop.orders") && text.contains("<svg"))
            #expect(!text.contains("***"))
            let nowhere = try await bench.call(
                ListChecks(), "--report", "\(bench.folder)/no/where.html")
            #expect(nowhere.code == .failed)
        }
    }

    @Test("go through the past before a check is switched on")
    func backtest() async throws {
        try await withBench { bench in
            let call = try await bench.call(
                RunChecks(), "shop", "--backtest", "--format", "json")
            #expect(call.code == .done, "\(call.errors)")
            let rows = try bench.rows(call)
            #expect(rows.count == 5)
            #expect(rows[0]["check"] == "row_count_change")
            #expect(rows[0]["alarms"] == "1" && rows[0]["judged"] == "10")
            let mean = rows[1]
            #expect(mean["season"] == "none" && ["1", "true"].contains(mean["chosen"]))
            #expect(mean["values"] == "12" && mean["judged"] == "4" && mean["alarms"] == "1")
            #expect(mean["false_alarm_rate"] == "0.25" && mean["from"] == "rows in the table")
        }
    }
}
