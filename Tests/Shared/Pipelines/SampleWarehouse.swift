import Foundation
import Kit
import Pipelines
import Postgres
import Testing

/// The GoodReads sample in a database of its own, loaded by PostgreSQL alone: what the pipeline's
/// SQL is tried on here is not what the pipeline's own services made.
struct SampleWarehouse {
    let pool: PostgresPool
    var pipeline: Pipeline

    static let folder = TestData.path("goodreads_sample")

    private static let files = [
        "authors": "author.csv", "books": "book.csv", "reviews": "reviews.csv",
        "users": "user.csv",
    ]

    /// Loads the sample's four files, newest version of each row.
    static func load(_ pipeline: Pipeline, into address: PostgresAddress) async throws -> Self {
        let warehouse = Self(
            pool: PostgresPool(address, size: 1, applicationName: "golden"), pipeline: pipeline)
        _ = try await warehouse.pool.query("create schema \"\(pipeline.schema)\"")
        for dataset in pipeline.datasets {
            guard let folder, let file = files[dataset.name] else { continue }
            try await warehouse.load(dataset, from: folder + "/" + file)
        }
        return warehouse
    }

    /// The rows of a query as lists of texts.
    func rows(_ sql: String) async throws -> [[String?]] {
        try await pool.query(sql).map { row in row.columns.map { row[$0] } }
    }

    /// Computes each model from nothing, in order.
    func refresh() async throws {
        for model in pipeline.models {
            let table = pipeline.qualifiedTable(model.name)
            let sql = try pipeline.warehouseSQL(model.sql)
            _ = try await pool.query("drop table if exists \(table)")
            _ = try await pool.query("create table \(table) as (\(sql))")
        }
    }

    private func load(_ dataset: Dataset, from file: String) async throws {
        let raw = "\"raw_\(dataset.name)\""
        let columns = dataset.columns.map { "\"\($0.field)\" text" }.joined(separator: ", ")
        _ = try await pool.query("create table \(raw) (\(columns))")
        let descriptor = open(file, O_RDONLY)
        defer { close(descriptor) }
        _ = try await pool.with { connection in
            try await connection.copyIn(
                "copy \(raw) from stdin with (format csv, header)", from: descriptor)
        }
        let values = dataset.columns.map { column in
            let nulls = column.nulls.map(quotedLiteral).joined(separator: ", ")
            let isNull = nulls.isEmpty ? "false" : "\"\(column.field)\" in (\(nulls))"
            let type = column.type == .double ? "double precision" : column.type.rawValue
            return "(case when \(isNull) then null else \"\(column.field)\" end)::\(type) "
                + "as \"\(column.name)\""
        }
        let key = dataset.load.key.map { "\"\($0)\"::bigint" }.joined(separator: ", ")
        let newest = try #require(dataset.load.newestBy)
        _ = try await pool.query(
            """
            create table \(pipeline.qualifiedTable(dataset.name)) as
            select distinct on (\(key)) \(values.joined(separator: ", ")) from \(raw)
            order by \(key), "\(newest)"::timestamp desc
            """)
    }
}
