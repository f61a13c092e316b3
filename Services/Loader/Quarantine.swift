import Checks
import Engine
import Events
import Pipelines
import Postgres
import Warehouse

/// Takes the rows out of a staging table that break a check of severity `quarantine`: they become
/// rejects, and the others go on. Use it in the transaction that fills the table.
struct Quarantine {
    let facts: BatchFacts
    let staging: TableName
    let pipeline: Pipeline
    let dataset: Dataset

    /// The stages that it writes.
    static let stages = "('check', 'reference')"

    private var checks: [Check] { dataset.checks.filter { $0.severity == .quarantine } }

    /// How many rows of the batch were taken out before: a batch that is staged anew loses the same
    /// ones, whatever has come to what it refers to since.
    static func known(_ batch: ULID, _ connection: PostgresConnection) async throws -> Int {
        let rows = try await connection.query(
            "select count(*) as rows from millrace.rejects where batch = $1 and stage in \(stages)",
            [batch.description])
        return try rows.first?.integer("rows") ?? 0
    }

    func run(known: Int, _ connection: PostgresConnection) async throws {
        if known > 0 { return try await takeKnown(connection) }
        for check in checks { try await take(check, connection) }
    }

    private func takeKnown(_ connection: PostgresConnection) async throws {
        try await connection.run(
            """
            delete from \(staging.sql) as row_at_hand using millrace.rejects
            where rejects.batch = $1 and rejects.stage in \(Self.stages)
                and rejects.line = row_at_hand."_line"
                and rejects.object = $2::jsonb ->> row_at_hand."_object"
            """, [facts.batch.description, try names()])
    }

    private func take(_ check: Check, _ connection: PostgresConnection) async throws {
        var parameters: [String?] = [
            facts.pipeline, facts.dataset, facts.batch.description, try names(),
            check.rule.ownColumn, check.rule.rejectReason.rawValue,
            "the row breaks the check `\(check.name)`", check.rule.rejectStage.rawValue,
        ]
        guard let condition = try await condition(check, &parameters, connection) else { return }
        // No column begins with `_`, so that the name is the row's alone.
        let value = check.rule.ownColumn.map { "_gone.\(quotedIdentifier($0))::text" } ?? "null"
        try await connection.run(
            """
            with _gone as (
                delete from \(staging.sql) as row_at_hand where \(condition) returning *
            )
            insert into millrace.rejects (pipeline, dataset, batch, object, line, "column", reason,
                message, raw, stage, value)
            select $1, $2, $3, $4::jsonb ->> _gone."_object", _gone."_line", $5, $6, $7,
                (to_jsonb(_gone) - '_object' - '_line')::text, $8, \(value)
            from _gone
            """, parameters)
    }

    private func condition(
        _ check: Check, _ parameters: inout [String?], _ connection: PostgresConnection
    ) async throws -> String? {
        guard case .sql(let query) = check.rule else { return condition(check.rule, &parameters) }
        return try await WrittenRows(staging: staging, pipeline: pipeline, dataset: dataset)
            .find(query, of: check.name, connection)
    }

    /// True for a row that breaks the rule; nil where the rule is not about rows.
    private func condition(_ rule: Check.Rule, _ parameters: inout [String?]) -> String? {
        if let condition = RowCondition.sql(rule, row: "row_at_hand", binding: &parameters) {
            return condition
        }
        func column(_ name: String) -> String { "row_at_hand.\(quotedIdentifier(name))" }
        switch rule {
        case .unique(let columns):
            let same = columns.map { "other.\(quotedIdentifier($0)) = \(column($0))" }
            // The last of them stays.
            return """
                exists (select from \(staging.sql) as other
                    where \(same.joined(separator: " and "))
                        and (other."_object", other."_line")
                            > (row_at_hand."_object", row_at_hand."_line"))
                """
        case .reference(let name, let to, let target):
            let tables = [pipeline.qualifiedTable(to)] + (to == dataset.name ? [staging.sql] : [])
            let absences = tables.map {
                "not exists (select from \($0) as other "
                    + "where other.\(quotedIdentifier(target)) = \(column(name)))"
            }
            return "\(column(name)) is not null and " + absences.joined(separator: " and ")
        default: return nil
        }
    }

    private func names() throws -> String {
        String(decoding: try EventJSON.encode(facts.objects.map(\.name)), as: UTF8.self)
    }
}
