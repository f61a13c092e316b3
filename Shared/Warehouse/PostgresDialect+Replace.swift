import Pipelines
import Postgres

extension PostgresDialect {
    public func clear(
        _ schema: TableSchema, for staging: TableName, keeping object: Int?
    ) -> String {
        guard let object, !schema.load.key.isEmpty else { return "delete from \(schema.table.sql)" }
        return """
            delete from \(schema.table.sql) as present where not exists (
                select from \(staging.sql) as incoming
                where incoming.\(quotedIdentifier(TableSchema.objectColumn)) = \(object)
                    and \(same("incoming", "present", schema.load.key)))
            """
    }

    /// Puts in the rows of the object that wins; with a key only those that are new or differ, so
    /// that the others keep the `_source_id` of the object that brought them first. Where there are
    /// children all are written: a row that stays the same may have others.
    func replacement(of rows: String, into schema: TableSchema) -> String {
        let source = quotedIdentifier(TableSchema.sourceColumn)
        let object = quotedIdentifier(TableSchema.objectColumn)
        return """
            \(participants(rows)), written as (
                insert into \(schema.table.sql) as present (\(names(schema)), \(source))
                select \(names(schema, of: "incoming")), sources.source_id
                from \(rows) as incoming
                join sources on sources.object = incoming.\(object) and sources.wins
                \(unlessSame(schema))
            )
            select sources.object, coalesce(staged.rows, 0) as staged,
                case when sources.wins then coalesce(staged.rows, 0) else 0 end as published
            from sources left join staged using (object)
            """
    }

    private func unlessSame(_ schema: TableSchema) -> String {
        guard !schema.load.key.isEmpty else { return "" }
        let key = schema.load.key.map(quotedIdentifier).joined(separator: ", ")
        let others = schema.columns.map(\.name).filter { !schema.load.key.contains($0) }
        if !schema.children.isEmpty {
            let all = others + [TableSchema.sourceColumn]
            return "on conflict (\(key)) do update set \(assignments(all))"
        }
        guard !others.isEmpty else { return "on conflict (\(key)) do nothing" }
        let differences = others.map(quotedIdentifier)
            .map { "present.\($0) is distinct from excluded.\($0)" }
        return """
            on conflict (\(key)) do update set \(assignments(others + [TableSchema.sourceColumn]))
            where \(differences.joined(separator: " or "))
            """
    }

    /// The first two parts of a publish statement: the objects that take part, and how many rows
    /// each has in staging.
    func participants(_ rows: String) -> String {
        let object = quotedIdentifier(TableSchema.objectColumn)
        return """
            with sources as (
                select object, source_id, wins from jsonb_to_recordset($1::jsonb)
                    as s(object int, source_id bigint, wins boolean)
            ), staged as (
                select \(object) as object, count(*) as rows
                from \(rows) as incoming group by \(object)
            )
            """
    }

    /// The condition that two rows have the same values in some columns.
    func same(_ left: String, _ right: String, _ columns: [String]) -> String {
        columns.map(quotedIdentifier).map { "\(left).\($0) = \(right).\($0)" }
            .joined(separator: " and ")
    }

    func assignments(_ columns: [String]) -> String {
        columns.map(quotedIdentifier).map { "\($0) = excluded.\($0)" }.joined(separator: ", ")
    }
}
