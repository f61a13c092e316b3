public import Events
public import Foundation
public import Postgres

/// Rejected records that go the way again, in objects of their own: the table `millrace.replays`.
///
/// Records are taken in hand, with the name of the object that they will go in, before anything is
/// sent: whoever was interrupted sends the rest under the same names, and the ledger takes each
/// name once.
public struct RejectReplays: Sendable {
    private let pool: PostgresPool

    public init(_ pool: PostgresPool) {
        self.pool = pool
    }

    /// The open rejects of one object.
    public struct Origin: Sendable, Equatable {
        public let pipeline: String
        public let dataset: String
        public let batch: ULID
        public let object: String
        /// The object as a whole was refused.
        public let isWhole: Bool
        public let records: Int
        /// What has become of its batch.
        public let run: RunState?
    }

    /// Records of one object, taken in hand.
    public struct Replay: Sendable, Equatable {
        public let id: Int
        public let pipeline: String
        public let dataset: String
        public let batch: ULID
        /// The object that they were in.
        public let origin: String
        /// The one that they go in: `<ulid>-<name>`.
        public let object: String
        public let isWhole: Bool
        public let records: Int
        public let beganAt: Date
    }

    /// One record of a replay.
    public struct Record: Sendable, Equatable {
        public let line: Int?
        public let raw: String?
        public let stage: String
    }

    /// The objects with open rejects that are meant, in the order in which they landed.
    public func origins(_ filter: RejectFilter) async throws -> [Origin] {
        var filter = filter
        filter.state = .open
        let sql = """
            select meant.*, runs.state as run from (
                select pipeline, dataset, batch, object, \(Self.isWhole) as is_whole,
                    count(*) as records
                from millrace.rejects where \(RejectFilter.condition)
                group by pipeline, dataset, batch, object, is_whole
            ) as meant left join millrace.runs using (batch)
            order by object, is_whole
            """
        return try await pool.query(sql, filter.parameters).map { row in
            Origin(
                pipeline: try row.text("pipeline"), dataset: try row.text("dataset"),
                batch: try Self.batch(row), object: try row.text("object"),
                isWhole: row.boolean("is_whole"), records: try row.integer("records"),
                run: row["run"].flatMap(RunState.init(rawValue:)))
        }
    }

    /// Takes the open rejects of an object in hand.
    ///
    /// - Parameter name: Makes the name of the new object from the replay's number.
    /// - Returns: Nil when somebody else was first.
    public func begin(
        _ origin: Origin, _ filter: RejectFilter, revision: String, by who: String,
        name: @Sendable (Int) -> String
    ) async throws -> Replay? {
        do {
            return try await pool.transaction { connection in
                try await begin(origin, filter, revision, who, name, connection)
            }
        } catch is NothingLeft {
            return nil
        }
    }

    private struct NothingLeft: Error {}

    private func begin(
        _ origin: Origin, _ filter: RejectFilter, _ revision: String, _ who: String,
        _ name: @Sendable (Int) -> String, _ connection: PostgresConnection
    ) async throws -> Replay {
        let next = try await connection.query(
            "select nextval(pg_get_serial_sequence('millrace.replays', 'replay_id')) as id")
        let id = try next.first?.integer("id") ?? 0
        var filter = filter
        filter.state = .open
        let parameters = try filter.parameters
        let count = try await connection.run(
            """
            update millrace.rejects
            set state = 'replayed', replay_id = $8, decided_by = $9, decided_at = now()
            where \(RejectFilter.condition) and batch = $10 and object = $11
                and \(Self.isWhole) = $12
            """,
            parameters + [
                "\(id)", who, origin.batch.description, origin.object,
                origin.isWhole ? "true" : "false",
            ])
        if count == 0 { throw NothingLeft() }
        let rows = try await connection.query(
            """
            insert into millrace.replays (replay_id, pipeline, dataset, batch, replay_of, root,
                object, revision, is_whole, records, who)
            overriding system value
            values ($1, $2, $3, $4, $5, coalesce(
                (select root from millrace.replays where object = $5), $5), $6, $7, $8, $9, $10)
            returning \(Self.columns)
            """,
            [
                "\(id)", origin.pipeline, origin.dataset, origin.batch.description, origin.object,
                name(id), revision, origin.isWhole ? "true" : "false", "\(count)", who,
            ])
        guard let row = rows.first else {
            throw PostgresError(.shape, "the new entry of millrace.replays was not returned")
        }
        return try Replay(row: row)
    }

    /// Those that are not surely in the landing zone, the oldest first.
    public func unsent() async throws -> [Replay] {
        try await pool.query(
            """
            select \(Self.columns) from millrace.replays where sent_at is null order by replay_id
            """
        ).map(Replay.init(row:))
    }

    /// The records of a replay, in the order of their lines.
    public func records(of replay: Replay) async throws -> [Record] {
        try await pool.query(
            """
            select line, raw, stage from millrace.rejects
            where replay_id = $1 order by line nulls first, reject_id
            """, ["\(replay.id)"]
        ).map { row in
            Record(
                line: row["line"].flatMap { Int($0) }, raw: row["raw"],
                stage: try row.text("stage"))
        }
    }

    /// Gives records back that could not be found in their object; a replay without any other is
    /// none.
    ///
    /// - Parameter lines: Nil for all of them.
    public func giveBack(_ replay: Replay, lines: [Int]?) async throws {
        try await pool.transaction { connection in
            let count = try await connection.run(
                """
                update millrace.rejects
                set state = 'open', replay_id = null, decided_by = null, decided_at = null
                where replay_id = $1 and ($2::jsonb is null or line is null
                    or line in (select jsonb_array_elements_text($2::jsonb)::bigint))
                """, ["\(replay.id)", try lines.map { try json($0) }])
            try await connection.run(
                "update millrace.replays set records = records - $2::int where replay_id = $1",
                ["\(replay.id)", "\(count)"])
            try await connection.run(
                "delete from millrace.replays where replay_id = $1 and records = 0",
                ["\(replay.id)"])
        }
    }

    /// The revision that treated a batch.
    public func revision(of batch: ULID) async throws -> String {
        guard let run = try await Runs(pool).run(of: batch) else {
            throw PostgresError(.shape, "millrace.runs does not have the batch \(batch)")
        }
        return run.revision
    }

    /// Writes down that the object is in the landing zone and its event with the broker.
    public func markSent(_ replay: Replay) async throws {
        _ = try await pool.query(
            "update millrace.replays set sent_at = now() where replay_id = $1", ["\(replay.id)"])
    }

    fileprivate static func batch(_ row: PostgresRow) throws -> ULID {
        guard let batch = ULID(try row.text("batch")) else {
            throw PostgresError(.shape, "millrace.rejects holds a batch that is not a ULID")
        }
        return batch
    }

    /// Where the object was refused and not a record of it.
    private static let isWhole = "(line is null and stage in ('read', 'contract'))"

    private static let columns = """
        replay_id, pipeline, dataset, batch, replay_of, object, is_whole, records,
        extract(epoch from began_at) as began_at
        """
}

extension RejectReplays.Replay {
    fileprivate init(row: PostgresRow) throws {
        self.init(
            id: try row.integer("replay_id"), pipeline: try row.text("pipeline"),
            dataset: try row.text("dataset"), batch: try RejectReplays.batch(row),
            origin: try row.text("replay_of"), object: try row.text("object"),
            isWhole: row.boolean("is_whole"), records: try row.integer("records"),
            beganAt: try row.date("began_at"))
    }
}
