public import Events
public import Foundation
public import Postgres

/// An object that is published, and what became of its records.
public struct LedgerEntry: Codable, Sendable, Equatable {
    /// What `_source_id` says of its rows.
    public var sourceID: Int
    public var pipeline: String
    public var dataset: String
    /// `<ulid>-<name>`
    public var object: String
    public var batch: ULID
    public var revision: String
    /// The name that its records came under.
    public var name: String
    public var bytes: Int
    public var sha256: String?
    public var counts: Counts
    public var committedAt: Date
    /// The batch that has replaced what this entry gave; nil while its rows are in the table.
    public var replacedBy: ULID?
}

/// What became of elements that are rows of a child's table.
public struct ChildBalance: Codable, Sendable, Equatable {
    /// The table's name.
    public var table: String
    public var counts: Counts
}

/// Which objects are published: the table `millrace.ledger`, committed with the data. What a replay
/// has replaced is found, too (`millrace.replaced`).
public struct Ledger: Sendable {
    private let pool: PostgresPool

    public init(_ pool: PostgresPool) {
        self.pool = pool
    }

    /// The entries of objects with that name, or under that original name, newest first.
    public func find(object: String, limit: Int = 20) async throws -> [LedgerEntry] {
        try await entries("object = $1 or name = $1", [object], limit)
    }

    /// The entries of objects whose digest begins so, newest first.
    public func find(sha256 prefix: String, limit: Int = 20) async throws -> [LedgerEntry] {
        try await entries("starts_with(sha256, lower($1))", [prefix], limit)
    }

    /// The entry that `_source_id` of a row names.
    public func entry(_ sourceID: Int) async throws -> LedgerEntry? {
        try await entries("source_id = $1", ["\(sourceID)"], 1).first
    }

    /// The entries that a batch has made.
    public func entries(of batch: ULID) async throws -> [LedgerEntry] {
        try await entries("batch = $1", [batch.description], 1000)
    }

    /// What became of the elements of a batch's records, for each table of a child.
    public func children(of batch: ULID) async throws -> [ChildBalance] {
        let rows = try await pool.query(
            """
            select "table", sum(c.read) as read, sum(c.published) as published,
                sum(c.superseded) as superseded, sum(c.filtered) as filtered,
                sum(c.rejected) as rejected
            from millrace.child_counts as c join millrace.ledger_history using (source_id)
            where batch = $1 group by "table" order by "table"
            """, [batch.description])
        return try rows.map {
            ChildBalance(table: try $0.text("table"), counts: try Counts(row: $0))
        }
    }

    private func entries(
        _ condition: String, _ parameters: [String?], _ limit: Int
    ) async throws -> [LedgerEntry] {
        let sql = """
            select source_id, pipeline, dataset, object, batch, revision, name, bytes, sha256, read,
                published, superseded, filtered, rejected,
                extract(epoch from committed_at) as committed_at, replaced_by
            from millrace.ledger_history where \(condition) order by source_id desc limit \(limit)
            """
        return try await pool.query(sql, parameters).map(LedgerEntry.init(row:))
    }
}

extension LedgerEntry {
    fileprivate init(row: PostgresRow) throws {
        guard let batch = ULID(try row.text("batch")) else {
            throw PostgresError(.shape, "millrace.ledger holds a batch that is not a ULID")
        }
        self.init(
            sourceID: try row.integer("source_id"), pipeline: try row.text("pipeline"),
            dataset: try row.text("dataset"), object: try row.text("object"), batch: batch,
            revision: try row.text("revision"), name: try row.text("name"),
            bytes: try row.integer("bytes"), sha256: row["sha256"], counts: try Counts(row: row),
            committedAt: try row.date("committed_at"),
            replacedBy: row["replaced_by"].flatMap { ULID($0) })
    }
}
