import Settings

/// What an ingest is told.
struct IngestSettings: Sendable {
    let lake: String
    let spool: String
    let inbox: String

    init(reading reader: inout SettingsReader) {
        lake = reader.text("lake", help: "the lake, e.g. file:///srv/millrace/lake")
        spool = reader.text("spool", help: "absolute path of the spool on local disk")
        inbox = reader.text("inbox", help: "absolute path of the folder with the sources' folders")
        for (name, path) in [("spool", spool), ("inbox", inbox)]
        where !path.isEmpty && !path.hasPrefix("/") {
            reader.complain("`\(name)` is `\(path)`; it must be an absolute path")
        }
    }
}
