import Postgres
import Settings

/// What a loader is told.
struct LoaderSettings: Sendable {
    let lake: String
    let duckdb: String
    let connections: Int
    /// Nil only when the reader has a mistake to tell.
    let warehouse: PostgresAddress?

    init(reading reader: inout SettingsReader) {
        lake = reader.text("lake", help: "the lake, e.g. file:///srv/millrace/lake")
        duckdb = reader.text("duckdb", default: "duckdb", help: "DuckDB's program")
        connections = reader.integer(
            "warehouse-connections", default: 6, in: 1...64,
            help: "the most connections to the warehouse at once")
        warehouse = Self.warehouse(&reader)
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
