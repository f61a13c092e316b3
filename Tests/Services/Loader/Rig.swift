import Engine
import Events
import Foundation
import Kit
import Lake
import Pipelines
import Postgres
import Processes
import Service
import Telemetry
import Warehouse

@testable import loader

/// A loader's core over a real warehouse, a real lake and the real engine, without a broker.
struct Rig {
    static let program = ProcessInfo.processInfo.environment["MILLRACE_DUCKDB"]
    static let isReady = program != nil && TestWarehouse.isAvailable
    static let missing = "needs MILLRACE_TEST_WAREHOUSE_URL and MILLRACE_DUCKDB"

    static let refusedRowsLimit = 5

    let address: PostgresAddress
    let lake: any ObjectStore
    let catalog: PipelineCatalog
    let pool: PostgresPool
    let loading: Loading

    static func with<Value: Sendable>(
        _ body: @Sendable (Rig) async throws -> Value
    ) async throws -> Value {
        try await withDatabase { address in
            try await withFolder { folder in
                try await body(try Rig(address, LakeAddress.open("file://\(folder)/lake")))
            }
        }
    }

    /// Another loader on the same lake.
    func loader(
        at address: PostgresAddress? = nil, as name: String = "loader tests",
        limits: PostgresLimits = PostgresLimits()
    ) throws -> Rig {
        try Rig(address ?? self.address, lake, as: name, limits: limits)
    }

    private init(
        _ address: PostgresAddress, _ lake: any ObjectStore, as name: String = "loader tests",
        limits: PostgresLimits = PostgresLimits()
    ) throws {
        self.address = address
        self.lake = lake
        catalog = PipelineCatalog(lake: lake)
        pool = PostgresPool(address, size: 4, applicationName: name, limits: limits)
        let tables = DatasetTables(catalog: catalog, dialect: PostgresDialect(), pool: pool)
        let engine = DuckDBEngine(program: Self.program ?? "duckdb")
        loading = Loading(
            gate: SchemaGate(pool),
            staging: Staging(
                tables: tables, feed: EngineFeed(engine: engine, lake: lake),
                refusedRowsLimit: Self.refusedRowsLimit),
            publishing: Publishing(tables: tables, refusedRowsLimit: Self.refusedRowsLimit),
            refreshing: ModelRefreshing(tables: tables),
            context: ServiceContext(
                name: "loader", host: "test", log: Log(service: "test", threshold: .error),
                metrics: Metrics(), publisher: Silence()))
    }

    private struct Silence: EventPublisher {
        func publish(_ events: [Event]) async throws {}
    }

    /// The values of the first column of a result.
    func values(_ sql: String) async throws -> [String?] {
        try await pool.query(sql).map { $0.values.first ?? nil }
    }

    /// All rows of the published reviews as one text, without lineage.
    func reviews() async throws -> [String?] {
        try await values(
            "select concat_ws(' ', id, coalesce(text, '~'), updated) from shop.reviews order by id")
    }
}

/// Rows of one object of a batch: SQL values `(id, text, updated)`, and its other counts.
struct Contents: Sendable {
    var name = "\(ULID())-reviews.csv"
    var rows: [String]
    var rejects: [String] = []
    var counts = Counts()
}

extension Rig {
    /// Writes what a transformer would have written for a batch.
    func batch(
        _ objects: [Contents], of pipeline: Pipeline = .shop(), dataset: String = "reviews",
        id: ULID = ULID()
    ) async throws -> BatchFacts {
        let revision = try await catalog.apply(pipeline)
        let date = Date()
        let processed = LakeKeys.processed(pipeline.name, dataset, batch: id, at: date)
        let rejects = LakeKeys.rejects(pipeline.name, dataset, batch: id, at: date)
        let columns = pipeline.dataset(dataset)?.columns.map { "\"\($0.name)\"" } ?? []
        let hasRows = try await write(
            objects.map(\.rows), columns.joined(separator: ", ") + ", _object, _line", at: processed
        )
        let hasRejects = try await write(
            objects.map(\.rejects), "line, \"column\", reason, message, raw, object, _line",
            at: rejects)
        return BatchFacts(
            pipeline: pipeline.name, revision: revision, dataset: dataset, batch: id,
            objects: objects.map { contents in
                var counts = contents.counts
                counts.rejected += contents.rejects.count
                counts.read +=
                    contents.rows.count + contents.rejects.count + counts.superseded
                    + counts.filtered
                return BatchObject(
                    name: contents.name, bytes: 100, sha256: nil, counts: counts, refusal: nil,
                    times: [.arrived: date - 2, .landed: date - 1])
            }, processed: hasRows ? processed : nil, rejects: hasRejects ? rejects : nil,
            times: [.transformed: date])
    }

    private func write(
        _ rows: [[String]], _ columns: String, at key: String
    ) async throws -> Bool {
        let values = rows.enumerated().flatMap { index, rows in
            rows.enumerated().map { line, row in
                "(\(row.dropFirst().dropLast()), \(index), \(line + 2))"
            }
        }
        if values.isEmpty { return false }
        let path = "\(try await lake.scratch())/\(ULID()).parquet"
        let sql = """
            COPY (SELECT * FROM (VALUES \(values.joined(separator: ", "))) t (\(columns)))
            TO '\(path)' (FORMAT parquet)
            """
        let result = try await run(Command(Self.program ?? "duckdb", ["-c", sql]))
        guard result.isSuccess else { throw Failure(text: result.errorText) }
        try await lake.put(fileAt: path, at: key)
        return true
    }

    struct Failure: Error { let text: String }
}

extension Rig {
    func transformed(_ facts: BatchFacts) async throws -> [Event] {
        try await loading.handle(
            try Event(BatchTransformed(facts: facts), id: "t", from: "/test"))
    }

    func approved(_ facts: BatchFacts) async throws -> [Event] {
        let table = TableName.staging(facts.pipeline, facts.dataset, batch: facts.batch).name
        return try await loading.handle(
            try Event(BatchApproved(facts: facts, table: table), id: "a", from: "/test"))
    }

    func refused(_ facts: BatchFacts, _ reasons: [String]) async throws -> [Event] {
        let table = TableName.staging(facts.pipeline, facts.dataset, batch: facts.batch).name
        let refusal = BatchRefused(facts: facts, table: table, reasons: reasons)
        return try await loading.handle(try Event(refusal, id: "r", from: "/test"))
    }

    /// The whole way of a batch that every check lets through.
    func load(_ facts: BatchFacts) async throws -> BatchPublished {
        let staged = try await transformed(facts)
        guard let event = staged.first, event.kind == .batchStaged else {
            return try published(staged)
        }
        let payload = try event.payload(BatchStaged.self)
        return try published(try await approved(payload.facts))
    }

    func published(_ events: [Event]) throws -> BatchPublished {
        guard let event = events.first else { throw Failure(text: "nothing was said") }
        return try event.payload()
    }

    /// Refreshes models after a batch.
    func refresh(_ published: BatchPublished) async throws -> [Event] {
        try await loading.handle(try Event(published, id: "p", from: "/test"))
    }
}

extension Pipeline {
    static func shop(
        columns extra: [Column] = [], mode: Load.Mode = .merge, load own: Load? = nil,
        models: [Model] = []
    ) -> Pipeline {
        let columns = [
            Column(name: "id", field: "id", type: .bigint),
            Column(name: "text", field: "text", type: .text),
            Column(name: "updated", field: "updated", type: .integer),
        ]
        let load =
            own
            ?? Load(
                mode: mode, key: mode == .merge ? ["id"] : [],
                newestBy: mode == .merge ? "updated" : nil)
        return Pipeline(
            name: "shop", description: nil, schema: "shop",
            parameters: [Parameter(name: "top", type: .integer, value: "2")],
            datasets: ["reviews", "books"].map { name in
                Dataset(
                    name: name,
                    source: .files(
                        FilesSource(path: "in", patterns: ["*"], settleMilliseconds: 100)),
                    format: .jsonLines, columns: columns + extra, transform: nil, load: load,
                    checks: [])
            }, models: models)
    }
}
