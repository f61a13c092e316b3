public import Events
public import Foundation
public import Postgres

/// What the table of a dataset was like from some moment on: a row of `millrace.schema_versions`.
public struct SchemaVersion: Sendable, Equatable, Encodable {
    /// One column of the table.
    public struct Column: Sendable, Equatable, Codable {
        /// Who asked for it.
        public enum Origin: String, Sendable, Codable { case declared, evolved }

        public var name: String
        public var field: String
        /// As the warehouse spells it; nil while no batch has had a value for it.
        public var type: String?
        public var origin: Origin
    }

    public var pipeline: String
    public var dataset: String
    public var version: Int
    public var revision: String
    public var batch: ULID?
    public var object: String?
    public var columns: [Column]
    /// One sentence for each column that is new or other than before.
    public var changes: [String]
    /// True where data asked for it, and not the pipeline.
    public var isEvolution: Bool
    public var changesTypes: Bool
    public var changedAt: Date

    /// The same version of a table that is gone.
    var emptied: SchemaVersion {
        var version = self
        version.columns = []
        return version
    }
}

/// What a table is brought up to date for.
public struct SchemaCause: Sendable {
    public var pipeline: String
    public var dataset: String
    public var revision: String
    /// Nil where no batch asked for it.
    public var batch: ULID?

    public init(pipeline: String, dataset: String, revision: String, batch: ULID? = nil) {
        self.pipeline = pipeline
        self.dataset = dataset
        self.revision = revision
        self.batch = batch
    }
}

/// A column that a table has.
public struct TableColumn: Sendable, Equatable {
    public let name: String
    /// As the warehouse spells it.
    public let type: String
}

/// The table `millrace.schema_versions`.
public enum SchemaVersions {
    /// The columns that a dataset's table has now, in their order and without those of Millrace;
    /// none where there is no table.
    public static func columns(
        of table: TableName, _ connection: PostgresConnection
    ) async throws -> [TableColumn] {
        let sql = """
            select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute
            where attrelid = to_regclass($1) and attnum > 0 and not attisdropped
            order by attnum
            """
        let own = TableSchema.historyColumns + [TableSchema.sourceColumn]
        return try await connection.query(sql, [table.sql])
            .map { TableColumn(name: try $0.text("name"), type: try $0.text("type")) }
            .filter { !own.contains($0.name) }
    }

    /// The versions of a dataset's table, the first first.
    public static func list(
        _ pipeline: String, _ dataset: String, _ connection: PostgresConnection
    ) async throws -> [SchemaVersion] {
        let sql = """
            select \(columns) from millrace.schema_versions
            where pipeline = $1 and dataset = $2 order by version
            """
        return try await connection.query(sql, [pipeline, dataset]).map(SchemaVersion.init(row:))
    }

    /// The versions that a batch has asked for.
    public static func of(
        _ batch: ULID, _ connection: PostgresConnection
    ) async throws -> [SchemaVersion] {
        let sql = """
            select \(columns) from millrace.schema_versions where batch = $1 order by version
            """
        return try await connection.query(sql, [batch.description]).map(SchemaVersion.init(row:))
    }

    /// The newest version; nil before the first.
    static func latest(
        _ pipeline: String, _ dataset: String, _ connection: PostgresConnection
    ) async throws -> SchemaVersion? {
        let sql = """
            select \(columns) from millrace.schema_versions
            where pipeline = $1 and dataset = $2 order by version desc limit 1
            """
        return try await connection.query(sql, [pipeline, dataset]).first
            .map(SchemaVersion.init(row:))
    }

    static func record(
        _ version: SchemaVersion, _ connection: PostgresConnection
    ) async throws {
        try await connection.run(
            """
            insert into millrace.schema_versions (pipeline, dataset, version, revision, batch,
                object, columns, changes, is_evolution, changes_types)
            values ($1, $2, $3, $4, $5, $6, $7::jsonb,
                array(select jsonb_array_elements_text($8::jsonb)), $9, $10)
            """,
            [
                version.pipeline, version.dataset, "\(version.version)", version.revision,
                version.batch?.description, version.object, try json(version.columns),
                try json(version.changes), "\(version.isEvolution)", "\(version.changesTypes)",
            ])
    }

    private static let columns = """
        pipeline, dataset, version, revision, batch, object, columns, to_json(changes) as changes,
        is_evolution, changes_types, extract(epoch from changed_at) as changed_at
        """
}

extension SchemaVersion {
    init(row: PostgresRow) throws {
        self.init(
            pipeline: try row.text("pipeline"), dataset: try row.text("dataset"),
            version: try row.integer("version"), revision: try row.text("revision"),
            batch: row["batch"].flatMap { ULID($0) }, object: row["object"],
            columns: try decoded([Column].self, row.text("columns")),
            changes: try decoded([String].self, row.text("changes")),
            isEvolution: row.boolean("is_evolution"), changesTypes: row.boolean("changes_types"),
            changedAt: try row.date("changed_at"))
    }
}
