import Pipelines
import Postgres

extension PostgresDialect {
    /// A merge in which some rows delete their key. The table of deleted keys remembers since when
    /// each is deleted, until a newer row brings it back: an older one that arrives late does not.
    ///
    /// A row that deletes counts as published when nothing newer is known of its key, also where
    /// the table did not have the key.
    func deletion(of rows: String, into schema: TableSchema) -> String {
        guard let condition = schema.load.deleteWhen, let companion = schema.companion,
            let newest = schema.load.newestBy
        else { preconditionFailure("a load that deletes has a condition and `newest_by`") }
        let source = quotedIdentifier(TableSchema.sourceColumn)
        let object = quotedIdentifier(TableSchema.objectColumn)
        let time = quotedIdentifier(newest)
        let key = schema.load.key
        let marks = key + (key.contains(newest) ? [] : [newest])
        let (names, target) = (names(schema), schema.table.sql)
        return """
            \(participants(rows)), incoming as materialized (
                select \(self.names(schema, of: "judged")), judged."_deletes",
                    sources.source_id as \(source)
                from (select *, coalesce((
                    \(condition)
                )::boolean, false) as "_deletes" from \(rows) as batch) as judged
                join sources on sources.object = judged.\(object)
            ), buried as (
                insert into \(companion.sql) as known (\(list(marks)), \(source))
                select \(list(marks)), \(source) from incoming
                where "_deletes" and not exists (
                    select from \(target) as present where \(same("present", "incoming", key))
                        and present.\(time) > incoming.\(time))
                on conflict (\(list(key))) do update set \(assignments(marks + ["_source_id"]))
                where excluded.\(time) > known.\(time)
                returning \(source) as source_id
            ), removed as (
                delete from \(target) as present using incoming
                where incoming."_deletes" and \(same("present", "incoming", key))
                    and (present.\(time) <= incoming.\(time) or present.\(time) is null)
            ), written as (
                insert into \(target) as present (\(names), \(source))
                select \(names), \(source) from incoming
                where not "_deletes" and not exists (
                    select from \(companion.sql) as known where \(same("known", "incoming", key))
                        and known.\(time) >= incoming.\(time))
                \(conflict(schema))
                returning \(source) as source_id
            ), back as (
                delete from \(companion.sql) as known using incoming
                where not incoming."_deletes" and \(same("known", "incoming", key))
                    and known.\(time) < incoming.\(time)
            ), published as (
                select source_id, count(*) as rows
                from (table buried union all table written) as effects group by source_id
            )
            select sources.object, coalesce(staged.rows, 0) as staged,
                coalesce(published.rows, 0) as published
            from sources
            left join staged using (object)
            left join published using (source_id)
            """
    }

    func list(_ columns: [String], of table: String? = nil) -> String {
        let prefix = table.map { $0 + "." } ?? ""
        return columns.map { prefix + quotedIdentifier($0) }.joined(separator: ", ")
    }
}
