import Events
import Foundation
import Pipelines
import Postgres
import Stack
import Warehouse

/// Asks the systems what they have against a pipeline. Nothing of it stays there.
struct LiveExamination {
    let pipeline: Pipeline
    let context: StackContext

    private struct Undo: Error {}

    func findings() async throws -> [LiveFinding] {
        let pool = try context.warehouse(size: 1)
        var found = folders()
        do {
            try await pool.check()
        } catch let error as PostgresError {
            return found + [
                LiveFinding(
                    .unreachable, at: ["name"], "the warehouse gave no answer: \(error)",
                    fix: "start it, or look with millrace doctor")
            ]
        }
        let collected = Collected()
        do {
            try await pool.transaction { connection in
                try await connection.execute("set local statement_timeout = '60s'")
                let live = try await LiveTables(of: pipeline.schema, connection)
                let rights = try await permissions(live, connection)
                collected.add(rights)
                collected.add(try await tables(live, connection))
                if rights.isEmpty {
                    collected.add(
                        try await SQLExamination(pipeline, live, connection).findings())
                }
                throw Undo()
            }
        } catch is Undo {
            found += collected.all
        }
        return found
    }

    private func permissions(
        _ live: LiveTables, _ connection: PostgresConnection
    ) async throws -> [LiveFinding] {
        let rows = try await connection.query(
            """
            select current_user as who, to_regnamespace($1) is not null as there,
                coalesce(has_schema_privilege(to_regnamespace($1), 'create'), false) as in_schema,
                has_database_privilege(current_database(), 'create') as in_database
            """, [quotedIdentifier(pipeline.schema)])
        guard let row = rows.first else { return [] }
        let who = try row.text("who")
        var found: [LiveFinding] = []
        if !row.boolean("in_database") {
            found.append(
                LiveFinding(
                    .livePermission, at: ["schema"], "\(who) may not create schemas",
                    fix: "grant create on the database to \(who)"))
        } else if row.boolean("there"), !row.boolean("in_schema") {
            found.append(
                LiveFinding(
                    .livePermission, at: ["schema"],
                    "\(who) may not create tables in \(pipeline.schema)",
                    fix: "grant create, usage on schema \(pipeline.schema) to \(who)"))
        }
        for dataset in pipeline.datasets where live[dataset.name] != nil {
            let rights = try await connection.query(
                "select has_table_privilege($1, 'select, insert, update, delete') as may",
                [pipeline.qualifiedTable(dataset.name)])
            if rights.first?.boolean("may") == true { continue }
            found.append(
                LiveFinding(
                    .livePermission, at: ["datasets", dataset.name],
                    "\(who) may not write \(pipeline.schema).\(dataset.name)",
                    fix: "make \(who) its owner"))
        }
        return found
    }

    /// What `plan` would call conflicts, and tables of somebody else.
    private func tables(
        _ live: LiveTables, _ connection: PostgresConnection
    ) async throws -> [LiveFinding] {
        let changes = try await PlanLive(pipeline, connection).judged([])
        let conflicts = changes.filter { $0.weight == .conflict }.map { change in
            let parts = change.subject.split(separator: ".").map(String.init)
            let isColumn = change.area == "column"
            return LiveFinding(
                isColumn ? .liveConflict : .liveKey,
                at: ["datasets", parts[1]] + (isColumn ? ["columns", parts[2]] : ["load", "key"]),
                "\(change.subject): \(change.detail)", fix: change.effect)
        }
        let foreign = pipeline.datasets.filter { dataset in
            live[dataset.name].map { $0.type(of: TableSchema.sourceColumn) != "bigint" } ?? false
        }.map { dataset in
            LiveFinding(
                .liveConflict, at: ["datasets", dataset.name],
                "\(pipeline.schema).\(dataset.name) was not made by Millrace: it has no "
                    + TableSchema.sourceColumn,
                fix: "give the dataset or the pipeline's schema another name")
        }
        return conflicts + foreign
    }

    private func folders() -> [LiveFinding] {
        pipeline.datasets.compactMap { dataset in
            guard case .files(let files) = dataset.source else { return nil }
            let isAbsolute = files.path.hasPrefix("/")
            let path = isAbsolute ? files.path : "\(context.addresses.inbox)/\(files.path)"
            let manager = FileManager.default
            let isThere = manager.fileExists(atPath: path)
            // Ingest makes what is below its inbox.
            if !isThere, !isAbsolute { return nil }
            if isThere, manager.isReadableFile(atPath: path) { return nil }
            return LiveFinding(
                .missingFolder, at: ["datasets", dataset.name, "source", "files", "path"],
                isThere ? "\(path) cannot be read" : "there is no folder \(path) on this host",
                fix: isThere ? "give ingest's user the right to read it" : "mkdir -p \(path)")
        }
    }
}
