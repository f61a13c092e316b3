import Pipelines
import Postgres

extension PostgresDialect {
    /// Slots versions into the history of their keys. The history of each key that the batch
    /// touches is made anew of all that is known of it, so that the order of arrival makes no
    /// difference:
    ///
    /// - Of two versions of one instant, that of the object that landed last stays.
    /// - A version with the same values as the one before it, `newest_by` aside, is none; but the
    ///   instant is remembered, since a late version may come to stand between the two.
    func history(of rows: String, into schema: TableSchema) -> String {
        guard let newest = schema.load.newestBy, let companion = schema.companion else {
            preconditionFailure("a load with history has `newest_by`")
        }
        let parts = History(
            dialect: self, schema: schema, rows: rows, companion: companion, newest: newest)
        return "\(participants(rows)), \(parts.known), \(parts.versions), \(parts.effects)"
    }
}

/// The parts of the statement, from what is known to what is written.
private struct History {
    let dialect: PostgresDialect
    let schema: TableSchema
    let rows: String
    let companion: TableName
    let newest: String

    private var key: [String] { schema.load.key }
    private var time: String { quotedIdentifier(newest) }
    private var names: String { dialect.names(schema) }
    private var target: String { schema.table.sql }
    private var keys: String { dialect.list(key) }

    /// `incoming`, `touched` (the keys at hand) and `known` (all that is known of them).
    var known: String {
        let sighted = schema.columns.map {
            ($0.name == newest ? "sighting." : "version.") + quotedIdentifier($0.name)
        }
        return """
            incoming as materialized (
                select \(dialect.names(schema, of: "batch")), batch.\(time) as "_valid_from",
                    sources.source_id as "_source_id"
                from \(rows) as batch join sources on sources.object = batch."_object"
            ), touched as materialized (
                select distinct \(keys) from incoming
            ), known as (
                select \(dialect.names(schema, of: "version")), version."_valid_from",
                    version."_source_id"
                from touched join \(target) as version on \(dialect.same("version", "touched", key))
                union all
                select \(sighted.joined(separator: ", ")), sighting.\(time), sighting."_source_id"
                from touched
                join \(companion.sql) as sighting on \(dialect.same("sighting", "touched", key))
                join \(target) as version on \(dialect.same("version", "touched", key))
                    and version."_valid_from" < sighting.\(time)
                    and (version."_valid_to" > sighting.\(time) or version."_valid_to" is null)
                union all
                select \(names), "_valid_from", "_source_id" from incoming
            )
            """
    }

    /// `compared` (one row of each instant, and whether it is a version) and `history`.
    var versions: String {
        let contents = schema.columns.map(\.name).filter { $0 != newest && !key.contains($0) }
        let differences = contents.map(quotedIdentifier)
            .map { "or \($0) is distinct from lag(\($0)) over past" }
        return """
            single as (
                select distinct on (\(dialect.list(key, of: "known")), known."_valid_from") known.*
                from known left join millrace.ledger on ledger.source_id = known."_source_id"
                order by \(dialect.list(key, of: "known")), known."_valid_from",
                    ledger.object collate "C" desc nulls last
            ), compared as materialized (
                select *, (row_number() over past = 1
                    \(differences.joined(separator: "\n        "))) as "_is_version"
                from single
                window past as (partition by \(keys) order by "_valid_from")
            ), history as materialized (
                select *, lead("_valid_from") over (
                    partition by \(keys) order by "_valid_from") as "_valid_to"
                from compared where "_is_version"
            )
            """
    }

    /// Writes what differs from what is there, and counts.
    var effects: String {
        let all = schema.columns.map(\.name) + TableSchema.historyColumns + ["_source_id"]
        let changes = all.filter { !key.contains($0) && $0 != "_valid_from" }
        let differences = changes.map(quotedIdentifier)
            .map { "present.\($0) is distinct from excluded.\($0)" }
        return """
            gone as (
                delete from \(target) as present using touched
                where \(dialect.same("present", "touched", key)) and not exists (
                    select from history where \(dialect.same("history", "present", key))
                        and history."_valid_from" = present."_valid_from")
            ), written as (
                insert into \(target) as present (\(dialect.list(all)))
                select \(names), "_valid_from", "_valid_to", "_valid_to" is null, "_source_id"
                from history
                on conflict (\(keys), "_valid_from") do update
                set \(dialect.assignments(changes))
                where \(differences.joined(separator: " or "))
            ), forgotten as (
                delete from \(companion.sql) as sighting using compared
                where compared."_is_version" and \(dialect.same("sighting", "compared", key))
                    and sighting.\(time) = compared."_valid_from"
            ), remembered as (
                insert into \(companion.sql) as sighting (\(keys), \(time), "_source_id")
                select \(keys), "_valid_from", "_source_id" from compared where not "_is_version"
                on conflict (\(keys), \(time)) do update set "_source_id" = excluded."_source_id"
                where sighting."_source_id" <> excluded."_source_id"
            ), published as (
                select incoming."_source_id" as source_id, count(*) as rows
                from incoming join history on \(dialect.same("history", "incoming", key))
                    and history."_valid_from" = incoming."_valid_from"
                    and history."_source_id" = incoming."_source_id"
                group by incoming."_source_id"
            )
            select sources.object, coalesce(staged.rows, 0) as staged,
                coalesce(published.rows, 0) as published
            from sources
            left join staged using (object)
            left join published using (source_id)
            """
    }
}
