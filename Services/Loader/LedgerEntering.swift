import Events
import Postgres

/// Enters a batch's objects into the ledger: those that are there already stay out of the publish.
struct LedgerEntering: Sendable {
    let facts: BatchFacts

    /// An object that takes part in the publish.
    struct Entry: Sendable {
        /// Its place in the batch.
        let index: Int
        let sourceID: Int
    }

    /// Enters every object of the batch that the ledger does not have.
    func enter(_ connection: PostgresConnection) async throws -> [Entry] {
        let rows = try await connection.query(
            """
            insert into millrace.ledger (pipeline, dataset, batch, revision, object, name, bytes,
                sha256, read, published, superseded, filtered, rejected)
            select $1, $2, $3, $4, object, name, bytes, sha256, read, 0, superseded, filtered,
                rejected
            from jsonb_to_recordset($5::jsonb) as o (index int, object text, name text,
                bytes bigint, sha256 text, read bigint, superseded bigint, filtered bigint,
                rejected bigint)
            order by index
            on conflict (pipeline, dataset, object) do nothing
            returning object, source_id
            """,
            [
                facts.pipeline, facts.dataset, facts.batch.description, facts.revision,
                try text(of: facts.objects.enumerated().map(ObjectFacts.init)),
            ])
        let indexes = Dictionary(
            facts.objects.enumerated().map { ($1.name, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        return try rows.compactMap { row in
            let sourceID = try row.integer("source_id")
            return try indexes[row.text("object")].map { Entry(index: $0, sourceID: sourceID) }
        }
    }

    /// Writes down what became of the entered objects' rows.
    func settle(
        _ outcomes: [(entry: Entry, counts: Counts)], _ connection: PostgresConnection
    ) async throws {
        let facts = outcomes.map {
            OutcomeFacts(
                sourceID: $0.entry.sourceID, published: $0.counts.published,
                superseded: $0.counts.superseded, rejected: $0.counts.rejected)
        }
        try await connection.run(
            """
            update millrace.ledger as l set published = o.published, superseded = o.superseded,
                rejected = o.rejected
            from jsonb_to_recordset($1::jsonb)
                as o (source_id bigint, published bigint, superseded bigint, rejected bigint)
            where l.source_id = o.source_id
            """, [try text(of: facts)])
    }

    /// The objects that take part, as the publish statement wants them.
    ///
    /// - Parameter winner: The place of the object that a table is replaced by.
    static func sources(_ entries: [Entry], winner: Int?) throws -> String {
        try text(
            of: entries.map {
                SourceFacts(object: $0.index, sourceID: $0.sourceID, wins: $0.index == winner)
            })
    }
}

private struct ObjectFacts: Encodable {
    let index: Int
    let object: String
    let name: String
    let bytes: Int
    let sha256: String?
    let read: Int
    let superseded: Int
    let filtered: Int
    let rejected: Int

    init(_ index: Int, _ object: BatchObject) {
        self.index = index
        self.object = object.name
        // `<ulid>-<name>`
        name = String(object.name.dropFirst(27))
        bytes = object.bytes
        sha256 = object.sha256
        read = object.counts.read
        superseded = object.counts.superseded
        filtered = object.counts.filtered
        rejected = object.counts.rejected
    }
}

private struct OutcomeFacts: Encodable {
    let sourceID: Int
    let published: Int
    let superseded: Int
    let rejected: Int

    enum CodingKeys: String, CodingKey {
        case sourceID = "source_id"
        case published, superseded, rejected
    }
}

private struct SourceFacts: Encodable {
    let object: Int
    let sourceID: Int
    let wins: Bool

    enum CodingKeys: String, CodingKey {
        case object, wins
        case sourceID = "source_id"
    }
}

private func text(of value: some Encodable) throws -> String {
    String(decoding: try EventJSON.encode(value), as: UTF8.self)
}
