import Pipelines
import Postgres
import Warehouse

/// What the changes of a plan mean for the tables and rows that are there.
struct PlanLive {
    private let after: Pipeline
    private let dialect = PostgresDialect()
    private let live: LiveTables
    /// By dataset: how many rows of how many objects are published.
    private let published: [String: (objects: Int, rows: Int)]
    private let connection: PostgresConnection

    /// - Parameter connection: In the transaction of a reader.
    init(_ after: Pipeline, _ connection: PostgresConnection) async throws {
        self.after = after
        self.connection = connection
        live = try await LiveTables(of: after.schema, connection)
        var published: [String: (objects: Int, rows: Int)] = [:]
        let rows = try await connection.query(
            """
            select dataset, count(*) as objects, sum(published) as rows
            from millrace.ledger where pipeline = $1 group by dataset
            """, [after.name])
        for row in rows {
            published[try row.text("dataset")] = (
                try row.integer("objects"), try row.integer("rows")
            )
        }
        self.published = published
    }

    /// The changes with what they mean, and the conflicts with the warehouse besides.
    func judged(_ changes: [PlanChange]) async throws -> [PlanChange] {
        var judged: [PlanChange] = []
        for change in changes { judged.append(try await self.judged(change)) }
        for dataset in after.datasets.flatMap({ [$0] + $0.tablesOfChildren }) {
            judged += conflicts(dataset, besides: judged)
            if let collision = try await collision(dataset) { judged.append(collision) }
        }
        return judged
    }

    private func judged(_ change: PlanChange) async throws -> PlanChange {
        var change = change
        let parts = change.subject.split(separator: ".").map(String.init)
        guard parts.count > 1, let table = live[parts[1]] else { return change }
        let rows = TimeText.count(table.rows, "row")
        switch (change.area, change.kind) {
        case ("column", .add) where table.type(of: parts[2]) != nil:
            change.effect = "the table has it already"
        case ("column", .add), ("dataset", .remove), ("model", .remove):
            change.effect += " (about \(rows))"
        case ("transform", _), ("format", _):
            if let given = published[parts[1]], given.rows > 0 {
                change.effect +=
                    "; \(TimeText.count(given.rows, "row")) of "
                    + "\(TimeText.count(given.objects, "object")) stay as they are, until "
                    + "millrace replay RUN --current"
            }
        default: break
        }
        return change
    }

    /// Columns whose type in the warehouse is another: batches would fail.
    private func conflicts(_ dataset: Dataset, besides changes: [PlanChange]) -> [PlanChange] {
        guard let table = live[dataset.name] else { return [] }
        let name = "\(after.name).\(dataset.name)"
        let schema = TableSchema(dataset, of: after)
        // Where types may evolve, the table gets the wider one.
        let fixed = schema.mayBeWider ? [] : dataset.columns
        let types = fixed.compactMap { column -> PlanChange? in
            let wanted = dialect.type(of: column.type)
            guard let present = table.type(of: column.name), present != wanted else { return nil }
            return PlanChange(
                area: "column", kind: .change, subject: "\(name).\(column.name)",
                detail: "\(present) in the warehouse, \(wanted) in the pipeline",
                effect: "batches fail until the column has another name or the table is altered",
                weight: .conflict)
        }
        let wanted = schema.primaryKey.sorted()
        guard table.key.sorted() != wanted else { return types }
        let key = PlanChange(
            area: "load", kind: .change, subject: name,
            detail: "key (\(table.key.joined(separator: ", "))) in the warehouse, "
                + "(\(wanted.joined(separator: ", "))) in the pipeline",
            effect: "batches fail until the dataset has another name or the table is altered",
            weight: .conflict)
        return types + [key]
    }

    /// How many rows of the table have a key in common, where the key is another.
    private func collision(_ dataset: Dataset) async throws -> PlanChange? {
        let key = dataset.load.key
        guard let table = live[dataset.name], !key.isEmpty, table.key.sorted() != key.sorted(),
            dataset.load.mode == .merge, key.allSatisfy({ table.type(of: $0) != nil })
        else { return nil }
        let columns = key.map(quotedIdentifier).joined(separator: ", ")
        let rows = try await connection.query(
            """
            select coalesce(sum(rows), 0) as rows, count(*) as keys
            from (select count(*) as rows from \(after.qualifiedTable(dataset.name))
                group by \(columns) having count(*) > 1) as shared
            """)
        guard let row = rows.first else { return nil }
        let (count, keys) = (try row.integer("rows"), try row.integer("keys"))
        return PlanChange(
            area: "load", kind: .change, subject: "\(after.name).\(dataset.name)",
            detail: "key \(key.joined(separator: ", "))",
            effect: count == 0
                ? "no two rows of the table share it"
                : "\(TimeText.count(count, "row")) share \(TimeText.count(keys, "key")): all but "
                    + "one of each would have to go",
            weight: count == 0 ? .plain : .conflict)
    }
}
