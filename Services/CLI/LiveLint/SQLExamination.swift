import Events
import Pipelines
import Postgres
import Synchronization
import Warehouse

/// Lets the warehouse plan the SQL of models and checks over empty copies of the tables, in a
/// schema that goes with the transaction.
struct SQLExamination {
    private let pipeline: Pipeline
    /// The pipeline with the copies' schema.
    private let copy: Pipeline
    private let live: LiveTables
    private let connection: PostgresConnection
    private let dialect = PostgresDialect()

    init(_ pipeline: Pipeline, _ live: LiveTables, _ connection: PostgresConnection) {
        self.pipeline = pipeline
        var copy = pipeline
        copy.schema = "millrace_lint_\(ULID())".lowercased()
        self.copy = copy
        self.live = live
        self.connection = connection
    }

    func findings() async throws -> [LiveFinding] {
        try await connection.execute("create schema \(quotedIdentifier(copy.schema))")
        var unknown: Set<String> = []
        for dataset in pipeline.datasets {
            if try await !make(dataset) { unknown.insert(dataset.name) }
        }
        var found: [LiveFinding] = []
        for model in copy.models {
            guard unknown.isDisjoint(with: model.dependsOn) else {
                unknown.insert(model.name)
                continue
            }
            let table = copy.qualifiedTable(model.name)
            let sql = try copy.warehouseSQL(model.sql)
            found += try await attempt(
                "create table \(table) as (\n\(sql)\n) with no data",
                at: ["models", model.name, "sql"], of: "model `\(model.name)`")
        }
        // A check may ask for tables that come after its own.
        for model in copy.models {
            let table = copy.qualifiedTable(model.name)
            found += try await checks(
                model.checks, of: model.name, in: "models", at: { _ in table }, unknown)
        }
        for dataset in copy.datasets where !unknown.contains(dataset.name) {
            let staging = try await self.staging(dataset)
            let table = copy.qualifiedTable(dataset.name)
            found += try await checks(
                dataset.checks, of: dataset.name, in: "datasets",
                at: { $0 == .batch ? staging : table }, unknown)
        }
        return found
    }

    /// A copy of the table as it is, with the columns that it will get.
    ///
    /// - Returns: False when its first file is still to bring its columns.
    private func make(_ dataset: Dataset) async throws -> Bool {
        let schema = TableSchema(dataset, of: copy)
        guard let present = live[dataset.name] else {
            guard !dataset.columns.isEmpty else { return false }
            try await connection.execute(dialect.createTable(schema))
            return true
        }
        try await connection.execute(
            "create table \(schema.table.sql) (like \(pipeline.qualifiedTable(dataset.name)))")
        for column in dataset.columns where present.type(of: column.name) == nil {
            try await connection.execute(
                dialect.addColumn(
                    column.name, of: dialect.type(of: column.type), to: schema.table))
        }
        return true
    }

    /// A table as batches wait in it, for the checks that look at them there.
    private func staging(_ dataset: Dataset) async throws -> String {
        let table = TableName(copy.schema, "batch \(dataset.name)")
        try await connection.execute(
            dialect.createStaging(table, for: TableSchema(dataset, of: copy)))
        return table.sql
    }

    private func checks(
        _ checks: [Check], of name: String, in section: String,
        at table: (Check.Scope) -> String, _ unknown: Set<String>
    ) async throws -> [LiveFinding] {
        var found: [LiveFinding] = []
        for check in checks {
            guard case .sql(let query) = check.rule,
                unknown.isDisjoint(with: copy.tables(in: query).union([name]))
            else { continue }
            let sql = try copy.warehouseSQL(query, table: table(check.scope))
            found += try await attempt(
                "explain \(sql)", at: [section, name, "checks"], of: "check `\(check.name)`")
        }
        return found
    }

    private func attempt(
        _ sql: String, at path: [String], of owner: String
    ) async throws -> [LiveFinding] {
        do {
            try await connection.savepoint { try await $0.execute(sql) }
            return []
        } catch let error as PostgresError where error.kind == .refused {
            return [
                LiveFinding(
                    .liveSQL, at: path,
                    "the warehouse does not take the SQL of \(owner): \(error.message)",
                    fix: "try it with millrace query")
            ]
        }
    }
}

/// What is found inside a transaction that is undone.
final class Collected: Sendable {
    private let findings = Mutex<[LiveFinding]>([])

    var all: [LiveFinding] { findings.withLock { $0 } }
    func add(_ found: [LiveFinding]) { findings.withLock { $0 += found } }
}
