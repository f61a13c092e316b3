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
    /// Where on its way it was rejected; from `reference` on `raw` is the row as JSON.
    public var stage: String
    /// One of a closed set of words.
    public var reason: String
    public var message: String
    public var raw: String?
    public var rejectedAt: Date
    /// The value that is wrong, where it is known.
    public var value: String?
    public var state: State
    /// Who decided that, `user@host`.
    public var decidedBy: String?
    /// The replay that it went the way again with.
    public var replay: Int?

    /// What people decided about it.
    public enum State: String, Codable, Sendable, CaseIterable { case open, replayed, discarded }

    /// The name that its records came under.
    public var file: String { String(object.dropFirst(27)) }
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
        try await list(
            RejectFilter(pipeline: pipeline, dataset: dataset, batch: batch, reason: reason),
            limit: limit)
    }

    /// The newest rejects that are meant, in the order of their batches, objects and lines.
    public func list(_ filter: RejectFilter, limit: Int) async throws -> [Reject] {
        let sql = """
            select \(Self.columns) from millrace.rejects where \(RejectFilter.condition)
            order by batch desc, object, line, reject_id limit $8
            """
        return try await pool.query(sql, filter.parameters + ["\(limit)"]).map(Reject.init(row:))
    }

    /// The rejects that are meant, by their numbers: those behind the number `last`.
    public func page(
        _ filter: RejectFilter, after last: Int, limit: Int
    ) async throws -> [Reject] {
        let sql = """
            select \(Self.columns) from millrace.rejects
            where \(RejectFilter.condition) and reject_id > $8 order by reject_id limit $9
            """
        return try await pool.query(sql, filter.parameters + ["\(last)", "\(limit)"])
            .map(Reject.init(row:))
    }

    /// How many are meant.
    public func count(_ filter: RejectFilter) async throws -> Int {
        let sql = "select count(*) as count from millrace.rejects where \(RejectFilter.condition)"
        return try await pool.query(sql, filter.parameters).first?.integer("count") ?? 0
    }

    /// Puts open rejects away that nobody needs; they stay, with who did it.
    ///
    /// - Returns: How many.
    public func discard(_ filter: RejectFilter, by who: String) async throws -> Int {
        var filter = filter
        filter.state = .open
        let parameters = try filter.parameters + [who]
        return try await pool.with { connection in
            try await connection.run(
                """
                update millrace.rejects
                set state = 'discarded', decided_by = $8, decided_at = now()
                where \(RejectFilter.condition)
                """, parameters)
        }
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

    /// How many records of a dataset's runs were rejected in the last 24 hours.
    public func ofLastDay(_ pipeline: String, _ dataset: String) async throws -> Int {
        let sql = """
            select coalesce(sum(rejected), 0) as count from millrace.runs
            where pipeline = $1 and dataset = $2 and updated_at > now() - interval '1 day'
            """
        return try await pool.query(sql, [pipeline, dataset]).first?.integer("count") ?? 0
    }

    private static let columns = """
        reject_id, pipeline, dataset, batch, object, line, "column", reason, message, raw, stage,
        value, state, decided_by, replay_id, extract(epoch from rejected_at) as rejected_at
        """
}

extension Reject {
    fileprivate init(row: PostgresRow) throws {
        guard let batch = ULID(try row.text("batch")),
            let state = State(rawValue: try row.text("state"))
        else { throw PostgresError(.shape, "millrace.rejects holds a reject of unknown form") }
        self.init(
            id: try row.integer("reject_id"), pipeline: try row.text("pipeline"),
            dataset: try row.text("dataset"), batch: batch, object: try row.text("object"),
            line: row["line"].flatMap { Int($0) }, column: row["column"],
            stage: try row.text("stage"), reason: try row.text("reason"),
            message: try row.text("message"), raw: row["raw"],
            rejectedAt: try row.date("rejected_at"), value: row["value"], state: state,
            decidedBy: row["decided_by"], replay: row["replay_id"].flatMap { Int($0) })
    }
}
