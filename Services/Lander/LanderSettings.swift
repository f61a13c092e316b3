import Settings

/// What a lander is told.
struct LanderSettings: Sendable {
    let lake: String
    let spool: String

    init(reading reader: inout SettingsReader) {
        lake = reader.text("lake", help: "the lake, e.g. file:///srv/millrace/lake")
        spool = reader.text("spool", help: "absolute path of this host's spool")
        if !spool.isEmpty && !spool.hasPrefix("/") {
            reader.complain("`spool` is `\(spool)`; it must be an absolute path")
        }
    }
}
