import Settings

/// What a lander is told.
struct LanderSettings: Sendable {
    let lake: String
    let spool: String
    let sweepPeriod: Duration
    let fullSweepPeriod: Duration
    let leftoverAge: Duration

    init(reading reader: inout SettingsReader) {
        lake = reader.text("lake", help: "the lake, e.g. file:///srv/millrace/lake")
        spool = reader.text("spool", help: "absolute path of this host's spool")
        sweepPeriod = .seconds(
            reader.integer(
                "sweep-period", default: 60, in: 1...86_400,
                help: "seconds from one look for forgotten objects to the next"))
        fullSweepPeriod = .seconds(
            reader.integer(
                "full-sweep-period", default: 21_600, in: 1...604_800,
                help: "seconds from one look at every key to the next"))
        leftoverAge = .seconds(
            reader.integer(
                "leftover-age", default: 3_600, in: 60...604_800,
                help: "seconds until an unfinished file of a dead writer is removed"))
        if !spool.isEmpty && !spool.hasPrefix("/") {
            reader.complain("`spool` is `\(spool)`; it must be an absolute path")
        }
    }
}
