import Postgres
import Settings

/// What a loader is told.
struct LoaderSettings: Sendable {
    let lake: String
    let duckdb: String
    let connections: Int
    let limits: PostgresLimits
    let refusedRowsLimit: Int
    let cleanupPeriod: Duration
    let orphanAge: Duration
    /// Nil only when the reader has a mistake to tell.
    let warehouse: PostgresAddress?

    init(reading reader: inout SettingsReader) {
        lake = reader.text("lake", help: "the lake, e.g. file:///srv/millrace/lake")
        duckdb = reader.text("duckdb", default: "duckdb", help: "DuckDB's program")
        connections = reader.integer(
            "warehouse-connections", default: 6, in: 1...64,
            help: "the most connections to the warehouse at once")
        limits = Self.limits(&reader)
        refusedRowsLimit = reader.integer(
            "refused-rows-limit", default: 1_000, in: 0...100_000,
            help: "the most rows of a batch that the warehouse may refuse, each becoming a reject")
        cleanupPeriod = .seconds(
            reader.integer(
                "cleanup-period", default: 600, in: 1...86_400,
                help: "seconds between two looks for what dead batches have left"))
        orphanAge = .seconds(
            reader.integer(
                "orphan-age", default: 86_400, in: 60...31_536_000,
                help: "seconds until a staging table without a run counts as left behind"))
        warehouse = Self.warehouse(&reader)
    }

    private static func limits(_ reader: inout SettingsReader) -> PostgresLimits {
        let defaults = PostgresLimits()
        func seconds(_ name: String, _ value: Duration, _ help: String) -> Duration {
            .seconds(
                reader.integer(name, default: Int(value / .seconds(1)), in: 1...86_400, help: help))
        }
        return PostgresLimits(
            statement: seconds(
                "warehouse-statement-limit", defaults.statement,
                "seconds for one statement, a whole COPY or merge included"),
            lock: seconds(
                "warehouse-lock-limit", defaults.lock,
                "seconds until a wait for a lock begins anew"),
            idle: seconds(
                "warehouse-idle-limit", defaults.idle,
                "seconds until the server ends a transaction in which nothing is asked"))
    }

    private static func warehouse(_ reader: inout SettingsReader) -> PostgresAddress? {
        let url = reader.text("warehouse-url", help: "postgres://user@host:5432/database")
        let password = reader.secret("warehouse-password", help: "password of the warehouse's user")
        guard !url.isEmpty else { return nil }
        do {
            return try PostgresAddress(url: url, password: password)
        } catch {
            reader.complain("`warehouse-url`: \(error.message)")
            return nil
        }
    }
}
