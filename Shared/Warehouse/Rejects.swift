public import Events
public import Foundation
public import Postgres

/// A record that could not go on, with the reason and its raw text.
public struct Reject: Codable, Sendable, Equatable {
    public var id: Int
    public var pipeline: String
    public var dataset: String
    public var batch: ULID
    /// The object that it was in: `<ulid>-<name>`.
    public var object: String
    /// The line of the object where the record starts, from 1; nil when it is not known.
    public var line: Int?
    /// The field that is wrong; nil when it is the record as a whole.
    public var column: String?
    /// `transform`, or `load` where the warehouse refused the row: `raw` is the row as JSON then.
    public var stage: String
    /// One of a closed set of words.
    public var reason: String
    public var message: String
    public var raw: String?
    public var rejectedAt: Date
}

/// What was rejected: the table `millrace.rejects`.
public struct Rejects: Sendable {
    private let pool: PostgresPool

    public init(_ pool: PostgresPool) {
        self.pool = pool
    }

    /// The newest rejects, in the order of their batches, objects and lines.
    public func list(
        pipeline: String? = nil, dataset: String? = nil, batch: ULID? = nil,
        reason: String? = nil, limit: Int = 50
    ) async throws -> [Reject] {
        let sql = """
            select \(Self.columns) from millrace.rejects
            where ($1::text is null or pipeline = $1) and ($2::text is null or dataset = $2)
                and ($3::text is null or batch = $3) and ($4::text is null or reason = $4)
            order by batch desc, object, line, reject_id limit $5
            """
        return try await pool.query(
            sql, [pipeline, dataset, batch?.description, reason, "\(limit)"]
        )
        .map(Reject.init(row:))
    }

    /// One reject by its number.
    public func find(_ id: Int) async throws -> Reject? {
        let sql = "select \(Self.columns) from millrace.rejects where reject_id = $1"
        return try await pool.query(sql, ["\(id)"]).first.map(Reject.init(row:))
    }

    /// How many there are of each reason, the most frequent first.
    public func reasons(batch: ULID) async throws -> [(reason: String, count: Int)] {
        let sql = """
            select reason, count(*) as count from millrace.rejects
            where batch = $1 group by reason order by count desc, reason
            """
        return try await pool.query(sql, [batch.description])
            .map { (try $0.text("reason"), try $0.integer("count")) }
    }

    private static let columns = """
        reject_id, pipeline, dataset, batch, object, line, "column", reason, message, raw, stage,
        extract(epoch from rejected_at) as rejected_at
        """
}

extension Reject {
    fileprivate init(row: PostgresRow) throws {
        guard let batch = ULID(try row.text("batch")) else {
            throw PostgresError(.shape, "millrace.rejects holds a batch that is not a ULID")
        }
        self.init(
            id: try row.integer("reject_id"), pipeline: try row.text("pipeline"),
            dataset: try row.text("dataset"), batch: batch, object: try row.text("object"),
            line: row["line"].flatMap { Int($0) }, column: row["column"],
            stage: try row.text("stage"), reason: try row.text("reason"),
            message: try row.text("message"), raw: row["raw"],
            rejectedAt: try row.date("rejected_at"))
    }
}
