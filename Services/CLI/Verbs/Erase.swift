import Foundation
import Lake
import Pipelines
import Postgres
import Stack
import Warehouse

/// Removes a person's rows, wherever Millrace keeps them.
struct Erase: Command {
    let name = "erase"
    let summary = "remove a person's rows from warehouse and lake"
    let topic = Topic.data
    let positionals = [Positional("PIPELINE")]
    let options: [Option] = [
        .value("key", "COLUMN=VALUE", "whose rows; several must all hold", isRepeatable: true),
        .value("dataset", "NAME", "only that dataset's; all that have the columns by default"),
        .flag("yes", "do it; without it nothing is changed and all is counted"),
    ]
    let details = """
        Removed are: rows of the datasets' tables, all versions of them, and deleted
        keys; rows of Parquet files in the lake, which are written anew; raw objects
        that hold the values as words, which are deleted whole. Rejects, samples of
        checks and texts of alerts that hold the values are emptied. A short value is
        a word of many records: look at the counts first.

        Not touched are batches under way, which are counted: erase again later. Nor
        are models, until their next refresh; files in inboxes and in the spool;
        backups; what the database server keeps until its next vacuum. Of a column
        that is hashed, VALUE is the hash. A file that is sent again brings its rows
        back.

        The audit keeps who did it, and the SHA-256 of the values instead of them.
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let context = try StackContext(arguments)
        let name = arguments.positionals[0]
        let catalog = try context.catalog()
        guard let current = try await catalog.current(name) else {
            let hint = nearest(to: name, in: try await catalog.names())
            throw CommandError(
                "no pipeline `\(name)` is applied\(hint.map { "; did you mean `\($0)`?" } ?? "")",
                exit: .usage, try: "millrace runs\(context.dataFlag)")
        }
        let key = try EraseKey(
            arguments.values("key"), of: current.pipeline, only: arguments.value("dataset"))
        let isDone = arguments.flag("yes")
        let findings = try await erase(key, isDone, context)
        console.records(EraseFinding.table(findings))
        console.note(
            isDone
                ? "done; models hold it until their next refresh"
                : "nothing was changed; --yes does it")
        return .done
    }

    private func erase(
        _ key: EraseKey, _ isDone: Bool, _ context: StackContext
    ) async throws -> [EraseFinding] {
        let pool = try context.warehouse()
        guard isDone else { return try await find(key, isDone: false, pool, context) }
        let audit = Audit(pool)
        let found = try await find(key, isDone: false, pool, context)
        let entry = try await audit.begin(
            who: Operator.name, verb: name, arguments: [key.pipeline.name] + key.marks,
            selected: found.reduce(0) { $0 + $1.count })
        do {
            let done = try await find(key, isDone: true, pool, context)
            try await audit.end(
                entry, done: done.reduce(0) { $0 + $1.count }, outcome: "erased")
            return done
        } catch {
            try await audit.end(entry, done: 0, outcome: "\(error)")
            throw error
        }
    }

    /// The lake first: a batch that is staged again from it must not bring back what is gone.
    private func find(
        _ key: EraseKey, isDone: Bool, _ pool: PostgresPool, _ context: StackContext
    ) async throws -> [EraseFinding] {
        guard let program = ServerPrograms.engine() else {
            throw CommandError("there is no duckdb to look into Parquet", try: "make setup")
        }
        let ended = try await pool.query(
            """
            select batch from millrace.runs
            where pipeline = $1 and state in ('published', 'refused')
            """, [key.pipeline.name])
        let lake = try context.lake()
        let scratch = "\(try await lake.scratch())/erase-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: scratch, withIntermediateDirectories: true)
        let erasure = LakeErasure(
            key: key, lake: lake, ended: Set(ended.compactMap { $0["batch"] }), program: program,
            scratch: scratch)
        let inLake: Result<[EraseFinding], any Error>
        do {
            inLake = .success(try await erasure.run(isDone: isDone))
        } catch {
            inLake = .failure(error)
        }
        try FileManager.default.removeItem(atPath: scratch)
        let warehouse = WarehouseErasure(key: key, pool: pool)
        return try inLake.get() + (await warehouse.run(isDone: isDone, by: Operator.name))
    }
}
