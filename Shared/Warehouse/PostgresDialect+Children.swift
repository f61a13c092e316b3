import Pipelines
import Postgres

extension PostgresDialect {
    public func forget(
        _ child: ChildTable, of schema: TableSchema, for staging: TableName, only window: RowWindow?
    ) -> String? {
        guard schema.load.mode == .merge else { return nil }
        let source = quotedIdentifier(TableSchema.sourceColumn)
        let key = schema.load.key
        return """
            delete from \(child.schema.table.sql) as child
            using \(rows(of: staging, window)) as incoming
            where \(same("child", "incoming", key)) and not exists (
                select from \(schema.table.sql) as present
                where \(same("present", "child", key)) and present.\(source) = child.\(source))
            """
    }

    public func fill(
        _ child: ChildTable, of schema: TableSchema, from staging: TableName,
        only window: RowWindow?
    ) -> String {
        let source = quotedIdentifier(TableSchema.sourceColumn)
        let object = quotedIdentifier(TableSchema.objectColumn)
        let holder = quotedIdentifier(child.holder)
        let rows = rows(of: staging, window)
        let wins = schema.load.mode == .replace ? " and sources.wins" : ""
        return """
            with sources as (
                select object, source_id, wins from jsonb_to_recordset($1::jsonb)
                    as s(object int, source_id bigint, wins boolean)
            ), staged as (
                select \(object) as object, sum(jsonb_array_length(\(holder))) as rows
                from \(rows) as incoming group by \(object)
            ), written as (
                insert into \(child.schema.table.sql) (\(names(child.schema)), \(source))
                select \(values(child, schema)), sources.source_id
                from \(rows) as incoming
                join sources on sources.object = incoming.\(object)\(wins)
                \(present(schema))
                cross join lateral jsonb_array_elements(incoming.\(holder))
                    with ordinality as element (texts, position)
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

    /// The staging table, or a part of it, as it stands behind `from`.
    private func rows(of staging: TableName, _ window: RowWindow?) -> String {
        window.map { "(select * from \(staging.sql) where \($0.condition))" } ?? staging.sql
    }

    /// Only the elements of records that the table has taken.
    private func present(_ schema: TableSchema) -> String {
        guard !schema.load.key.isEmpty else { return "" }
        let source = quotedIdentifier(TableSchema.sourceColumn)
        return "join \(schema.table.sql) as present on "
            + same("present", "incoming", schema.load.key)
            + " and present.\(source) = sources.source_id"
    }

    private func values(_ child: ChildTable, _ schema: TableSchema) -> String {
        let own = child.columns.enumerated().map { index, column in
            "(element.texts ->> \(index))::\(type(of: column.type))"
        }
        let link = child.schema.columns.dropLast(own.count + 1)
            .map { "incoming.\(quotedIdentifier($0.name))" }
        return (link + ["element.position"] + own).joined(separator: ", ")
    }
}
