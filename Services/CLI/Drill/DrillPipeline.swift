import Foundation
import Pipelines
import Postgres
import Stack

/// The pipeline of one drill, under a name that nothing else has, for as long as it lasts.
struct DrillPipeline: Sendable {
    let name: String
    let revision: String
    private let context: StackContext

    /// Makes it current, so that files for it are taken from now on.
    static func apply(_ name: String, _ context: StackContext) async throws -> DrillPipeline {
        let folder = "\(context.folder.scratch)/\(name)"
        let files = FileManager.default
        try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(text(name).utf8).write(to: URL(filePath: "\(folder)/\(PipelineFolder.fileName)"))
        let (pipeline, report) = PipelineFolder.read(folder)
        guard let pipeline else { throw CommandError(report.text(colour: false)) }
        let revision = try await context.catalog().apply(pipeline)
        return DrillPipeline(name: name, revision: revision, context: context)
    }

    /// Where its files are made before they are handed over.
    var scratch: String { "\(context.folder.scratch)/\(name)" }
    /// Where ingest takes its files from.
    var inbox: String { "\(context.addresses.inbox)/\(name)" }

    /// A table of it, as SQL says it.
    func sql(_ table: DrillTable) -> String {
        "\(quotedIdentifier(name)).\(quotedIdentifier(table.rawValue))"
    }

    /// Takes away everything that the drill has brought, in the lake and in the warehouse.
    static func remove(_ name: String, _ context: StackContext) async throws {
        let folder = context.folder
        let zones = ["pipelines", "landing", "working", "processed", "quarantine"]
        let paths =
            zones.map { "\(folder.lake)/\($0)/\(name)" }
            + ["\(context.addresses.inbox)/\(name)", "\(folder.scratch)/\(name)"]
        for path in paths where FileManager.default.fileExists(atPath: path) {
            try FileManager.default.removeItem(atPath: path)
        }
        try await context.warehouse().with { connection in
            try await connection.execute("drop schema if exists \(quotedIdentifier(name)) cascade")
            for table in ["ledger", "runs", "rejects", "models", "check_results", "alerts"] {
                try await connection.run(
                    "delete from millrace.\(quotedIdentifier(table)) where pipeline = $1", [name])
            }
        }
    }

    private static func text(_ name: String) -> String {
        """
        name: \(name)
        description: Made-up load of a drill; it goes when the drill ends
        datasets:
        \(dataset(.accounts, in: name, load: "{mode: merge, key: id, newest_by: seen_at}"))
        \(dataset(.clicks, in: name, load: "{mode: append}"))
        models:
          newest:
            sql: "select max(seen_at) as seen_at from {{accounts}}"

        """
    }

    private static func dataset(_ table: DrillTable, in name: String, load: String) -> String {
        """
          \(table):
            source: {files: {path: \(name), patterns: ["\(table)-*.csv"]}}
            columns:
              id: bigint required
              seen_at: timestamp required
              amount: {type: bigint, required: true, min: 0}
              note: text required
              checksum: bigint required
            load: \(load)
            checks:
              - not_null: [id, checksum]
              - unique: id
        """
    }
}
