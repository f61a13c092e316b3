import Postgres
import Settings

/// The settings of quality alone.
struct QualitySettings: Sendable {
    /// The lake, for the pipelines.
    var lake: String
    var warehouse: PostgresAddress?
    /// For each statement of a check.
    var checkLimit: Duration

    init(reading reader: inout SettingsReader) {
        lake = reader.text("lake", help: "the object store, e.g. file:///var/lib/millrace/lake")
        let url = reader.text("warehouse-url", help: "postgres://user@host:5432/database")
        let password = reader.secret("warehouse-password", help: "password of the warehouse's user")
        checkLimit = .seconds(
            reader.integer(
                "check-limit", default: 60, in: 1...3600,
                help: "seconds that one statement of a check may take"))
        do {
            warehouse = url.isEmpty ? nil : try PostgresAddress(url: url, password: password)
        } catch {
            warehouse = nil
            reader.complain("`warehouse-url`: \(error.message)")
        }
    }
}
