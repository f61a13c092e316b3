import Engine
import Settings

/// What the transformer is told beside what every service is told.
struct TransformerSettings: Sendable {
    var lake: String
    var duckdb: String
    var limits: EngineLimits

    init(reading reader: inout SettingsReader) {
        lake = reader.text("lake", help: "where objects are: file:///srv/millrace/lake")
        duckdb = reader.text("duckdb", default: "duckdb", help: "DuckDB's command line, 1.5")
        let defaults = EngineLimits()
        limits = EngineLimits(
            memoryMegabytes: reader.integer(
                "engine-memory", default: defaults.memoryMegabytes, in: 128...1_048_576,
                help: "MiB that one job may use before it spills to disk"),
            threads: reader.integer(
                "engine-threads", default: defaults.threads, in: 1...256,
                help: "threads of one job"),
            time: .seconds(
                reader.integer(
                    "engine-time-limit", default: 1_800, in: 1...86_400,
                    help: "seconds that one job may take")),
            unpackedMegabytes: reader.integer(
                "unpacked-limit", default: defaults.unpackedMegabytes, in: 1...16_777_216,
                help: "MiB of the largest object once it is unpacked"))
    }
}
