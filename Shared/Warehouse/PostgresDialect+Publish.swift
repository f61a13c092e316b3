import Pipelines
import Postgres

extension PostgresDialect {
    public func publish(
        _ staging: TableName, into schema: TableSchema, only window: RowWindow? = nil
    ) -> String {
        let rows =
            window.map { "(select * from \(staging.sql) where \($0.condition))" } ?? staging.sql
        switch schema.load.mode {
        case .scd2: return history(of: rows, into: schema)
        case .replace: return replacement(of: rows, into: schema)
        case .merge where schema.load.deleteWhen != nil: return deletion(of: rows, into: schema)
        case .merge, .append: return upsert(of: rows, into: schema)
        }
    }

    /// - Parameter rows: The staging table, or a part of it, as it stands behind `from`.
    private func upsert(of rows: String, into schema: TableSchema) -> String {
        let source = quotedIdentifier(TableSchema.sourceColumn)
        let object = quotedIdentifier(TableSchema.objectColumn)
        return """
            with sources as (
                select object, source_id
                from jsonb_to_recordset($1::jsonb) as s(object int, source_id bigint)
            ), staged as (
                select \(object) as object, count(*) as rows
                from \(rows) as incoming group by \(object)
            ), written as (
                insert into \(schema.table.sql) as present (\(names(schema)), \(source))
                select \(names(schema, of: "incoming")), sources.source_id
                from \(rows) as incoming
                join sources on sources.object = incoming.\(object)
                \(conflict(schema))
                returning \(source) as source_id
            ), published as (
                select source_id, count(*) as rows from written group by source_id
            )
            select sources.object, coalesce(staged.rows, 0) as staged,
                coalesce(published.rows, 0) as published
            from sources
            left join staged using (object)
            left join published using (source_id)
            """
    }

    public func places(_ staging: TableName) -> String {
        """
        select pg_relation_size(\(quotedLiteral(staging.sql)))
            / current_setting('block_size')::int * \(RowWindow.placesPerBlock) as places
        """
    }

    public func rows(_ window: RowWindow, of staging: TableName) -> String {
        let (object, line) = (TableSchema.objectColumn, TableSchema.lineColumn)
        return """
            select \(quotedIdentifier(object)) as object, \(quotedIdentifier(line)) as line,
                (to_jsonb(_staged) - \(quotedLiteral(object)) - \(quotedLiteral(line)))::text as raw
            from \(staging.sql) as _staged where \(window.condition)
            """
    }

    /// What happens to a row whose key the table has.
    func conflict(_ schema: TableSchema) -> String {
        guard schema.load.mode == .merge else { return "" }
        let key = schema.load.key.map(quotedIdentifier).joined(separator: ", ")
        let others = schema.columns.map(\.name).filter { !schema.load.key.contains($0) }
        let assignments = (others + [TableSchema.sourceColumn])
            .map { "\(quotedIdentifier($0)) = excluded.\(quotedIdentifier($0))" }
            .joined(separator: ", ")
        return "on conflict (\(key)) do update set \(assignments) \(newer(schema))"
    }

    /// When the object of a row was first published, as a number.
    private func place(of row: String) -> String {
        let source = quotedIdentifier(TableSchema.sourceColumn)
        return """
            (select coalesce(first_id, source_id) from millrace.ledger
            where source_id = \(row).\(source))
            """
    }

    /// The row in the table stays on a tie, and against a row that does not know its time.
    func newer(_ schema: TableSchema) -> String {
        guard let newestBy = schema.load.newestBy.map(quotedIdentifier) else {
            return schema.isReplay ? "where \(place(of: "present")) < \(place(of: "excluded"))" : ""
        }
        return """
            where excluded.\(newestBy) > present.\(newestBy)
                or (present.\(newestBy) is null and excluded.\(newestBy) is not null)
            """
    }
}
