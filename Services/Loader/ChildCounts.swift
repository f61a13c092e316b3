import Events
import Postgres
import Warehouse

/// Keeps what became of the elements of a batch's records: read = published + superseded + filtered
/// + rejected for every object and child, or nothing is published.
struct ChildCounts {
    let facts: BatchFacts
    let schema: TableSchema

    /// Writes the counts of the entered objects. Call it in the publish transaction, when the rows
    /// that the target refuses are among the rejects.
    func write(
        of entries: [LedgerEntering.Entry], _ fates: ChildFates, _ connection: PostgresConnection
    ) async throws {
        guard !schema.children.isEmpty else { return }
        var counts: [ChildFacts] = []
        for entry in entries {
            let object = facts.objects[entry.index]
            for child in schema.children {
                guard var found = object.children?[child.name] else { continue }
                let fate = fates.fate(of: child, object: entry.index)
                // Elements share the fate of their record: who has lost some has lost records.
                let lost = found.kept - fate.staged
                let hasLost = lost == 0 ? true : try await hasLostRecords(object, connection)
                guard lost >= 0, hasLost else { throw imbalance(object, child, found, fate) }
                found.rejected += lost
                found.superseded += fate.staged - fate.published
                found.published = fate.published
                counts.append(ChildFacts(entry.sourceID, child.schema.table.name, found))
            }
        }
        try await connection.run(
            """
            insert into millrace.child_counts (source_id, "table", read, published, superseded,
                filtered, rejected)
            select source_id, "table", read, published, superseded, filtered, rejected
            from jsonb_to_recordset($1::jsonb) as c (source_id bigint, "table" text, read bigint,
                published bigint, superseded bigint, filtered bigint, rejected bigint)
            """, [String(decoding: try EventJSON.encode(counts), as: UTF8.self)])
    }

    /// Whether records of an object were rejected after the engine had counted them.
    private func hasLostRecords(
        _ object: BatchObject, _ connection: PostgresConnection
    ) async throws -> Bool {
        let rows = try await connection.query(
            """
            select from millrace.rejects where batch = $1 and object = $2
                and (stage = 'load' or stage in \(Quarantine.stages)) limit 1
            """, [facts.batch.description, object.name])
        return !rows.isEmpty
    }

    private func imbalance(
        _ object: BatchObject, _ child: ChildTable, _ counts: Counts, _ fate: ChildFates.Fate
    ) -> HandlingError {
        HandlingError(
            .permanent, "loader.imbalance",
            "\(object.name) does not balance: \(counts.kept) elements of its records should be "
                + "rows of \(child.schema.table), but \(fate.staged) are staged; nothing is "
                + "published")
    }
}

private struct ChildFacts: Encodable {
    let sourceID: Int
    let table: String
    let read: Int
    let published: Int
    let superseded: Int
    let filtered: Int
    let rejected: Int

    enum CodingKeys: String, CodingKey {
        case sourceID = "source_id"
        case table, read, published, superseded, filtered, rejected
    }

    init(_ sourceID: Int, _ table: String, _ counts: Counts) {
        self.sourceID = sourceID
        self.table = table
        read = counts.read
        published = counts.published
        superseded = counts.superseded
        filtered = counts.filtered
        rejected = counts.rejected
    }
}
