import Engine
import Settings

/// What the transformer is told beside what every service is told.
struct TransformerSettings: Sendable {
    var lake: String
    var duckdb: String
    var personalKeyFile: String?
    var limits: EngineLimits
    /// When the event of an unfinished batch is said again.
    var claimAge: Duration
    var workingRetention: Duration
    var leftoverAge: Duration

    init(reading reader: inout SettingsReader) {
        lake = reader.text("lake", help: "where objects are: file:///srv/millrace/lake")
        duckdb = reader.text("duckdb", default: "duckdb", help: "DuckDB's command line, 1.5")
        personalKeyFile = reader.optionalText(
            "personal-key-file", help: "file of the key for columns that are `personal: hash`")
        claimAge = .seconds(
            reader.integer(
                "claim-age", default: 900, in: 1...604_800,
                help: "seconds until a batch that nobody goes on with is told of again"))
        workingRetention = .seconds(
            3_600
                * reader.integer(
                    "working-retention", default: 168, in: 1...87_600,
                    help: "hours that the raw objects of transformed batches are kept"))
        leftoverAge = .seconds(
            reader.integer(
                "leftover-age", default: 3_600, in: 60...604_800,
                help: "seconds until the workplace of a dead job is removed"))
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
