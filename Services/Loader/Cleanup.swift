import Events
import Foundation
import Postgres
import Service
import Telemetry
import Warehouse

/// Removes, from time to time, what dead batches have left in the warehouse.
///
/// A staging table goes when its batch's run has ended, or when there is no run and the batch is
/// old; never while anybody works on the batch. One that waits for its approval stays: its event
/// may lie in a dead queue, and replaying that needs the table.
struct Cleanup: Sendable {
    let gate: SchemaGate
    let pool: PostgresPool
    /// How old a batch without a run is at least when its table goes.
    let age: Duration
    let period: Duration
    let context: ServiceContext
    /// Nil where there is none to do.
    var retention: LakeRetention?

    /// Works until it is cancelled. A round that fails is logged; the next one tries again.
    func run() async throws {
        while true {
            // Loaders that were started together shall not come together.
            try await Task.sleep(for: period * Double.random(in: 0.8...1.2))
            do {
                try await round()
                try await retention?.round()
            } catch is CancellationError {
                return
            } catch {
                context.log.warning("cleanup not finished", ["error": "\(error)"])
            }
        }
    }

    /// Removes what is dead now.
    func round() async throws {
        try await gate.pass()
        let tables = try await tables()
        for table in tables where isDead(table) { try await remove(table) }
        let waiting = tables.filter { !isDead($0) && isOld($0.batch) }
        context.metrics.set(
            "millrace_staging_waiting", to: Double(waiting.count),
            help: "Staging tables of old batches that are neither approved nor refused.")
        if let oldest = waiting.map(\.batch).min() {
            context.log.warning(
                "batches wait for approval for long",
                ["tables": "\(waiting.count)", "batch": "\(oldest)"])
        }
        try await removeDoubleRejects()
    }

    /// A staging table, and how far its batch is.
    private struct Table {
        let name: TableName
        let batch: ULID
        let state: RunState?
    }

    private func tables() async throws -> [Table] {
        let rows = try await pool.query(
            """
            select relname as name, right(relname, 26) as batch, state
            from pg_class left join millrace.runs on batch = right(relname, 26)
            where relnamespace = $1::regnamespace and relkind = 'r' order by relname
            """, [TableName.stagingSchema])
        return try rows.compactMap { row in
            // One that is not named after a batch is not a loader's.
            guard let batch = ULID(try row.text("batch")) else { return nil }
            return Table(
                name: TableName(TableName.stagingSchema, try row.text("name")), batch: batch,
                state: row["state"].flatMap(RunState.init(rawValue:)))
        }
    }

    private func isDead(_ table: Table) -> Bool { table.state?.isFinal ?? isOld(table.batch) }

    private func isOld(_ batch: ULID) -> Bool {
        batch < ULID(at: Date(timeIntervalSinceNow: -(age / .seconds(1))))
    }

    /// Removes a table unless somebody works on its batch, or has since it was looked at. One
    /// loader at a time.
    private func remove(_ table: Table) async throws {
        let isGone = try await pool.transaction { connection in
            guard try await SystemSchema.tryLock(connection, "cleanup"),
                try await SystemSchema.tryLock(connection, Staging.lockName(table.batch)),
                try await Runs.run(of: table.batch, connection)?.state == table.state
            else { return false }
            try await connection.execute("drop table if exists \(table.name.sql)")
            return true
        }
        guard isGone else { return }
        context.metrics.add(
            to: "millrace_staging_removed_total", ["state": table.state?.rawValue ?? "none"],
            help: "Staging tables that dead batches had left.")
        context.log.info(
            "staging table of a dead batch removed",
            ["table": table.name.description, "state": table.state?.rawValue ?? "none"])
    }

    /// The rejects of an object that another batch has published are those of that batch.
    private func removeDoubleRejects() async throws {
        let count = try await pool.with { connection in
            try await connection.run(
                """
                delete from millrace.rejects using millrace.runs, millrace.ledger
                where runs.state in ('refused', 'failed') and rejects.batch = runs.batch
                    and ledger.pipeline = rejects.pipeline and ledger.dataset = rejects.dataset
                    and ledger.object = rejects.object and ledger.batch <> rejects.batch
                """)
        }
        if count > 0 {
            context.log.info("rejects known twice removed", ["rejects": "\(count)"])
        }
    }
}
