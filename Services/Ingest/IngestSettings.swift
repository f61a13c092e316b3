import Outbound
import Settings

/// What an ingest is told.
struct IngestSettings: Sendable {
    let lake: String
    let spool: String
    let inbox: String
    /// Private addresses that sources may name.
    let allowed: [Network]
    let certificateAuthorities: String?
    /// Folders with programs that sources may run.
    let programs: [String]
    /// Through whom requests to sources go.
    let proxy: String?

    init(reading reader: inout SettingsReader) {
        lake = reader.text("lake", help: "the lake, e.g. file:///srv/millrace/lake")
        spool = reader.text("spool", help: "absolute path of the spool on local disk")
        inbox = reader.text("inbox", help: "absolute path of the folder with the sources' folders")
        certificateAuthorities = reader.optionalText(
            "outbound-ca", help: "PEM file of the authorities that HTTP sources are trusted by")
        proxy = reader.optionalText(
            "source-proxy", help: "proxy of HTTP sources, e.g. http://10.0.0.1:3128")
        allowed = Self.networks(&reader)
        programs = Self.folders(&reader)
        for (name, path) in [("spool", spool), ("inbox", inbox)]
        where !path.isEmpty && !path.hasPrefix("/") {
            reader.complain("`\(name)` is `\(path)`; it must be an absolute path")
        }
    }

    private static func folders(_ reader: inout SettingsReader) -> [String] {
        let help = "folders with programs that sources may run, e.g. /opt/taps,/srv/exports"
        let texts = (reader.optionalText("source-programs", help: help) ?? "").split(separator: ",")
        return texts.compactMap { part in
            let text = part.trimmingPrefix { $0 == " " }
            let path = String(text.hasSuffix("/") ? text.dropLast() : text)
            let isWhole = path.hasPrefix("/") && !path.split(separator: "/").contains("..")
            if !isWhole {
                reader.complain("`source-programs`: `\(path)` is no absolute path of a folder")
            }
            return isWhole ? path : nil
        }
    }

    private static func networks(_ reader: inout SettingsReader) -> [Network] {
        let help = "networks inside that HTTP sources may name, e.g. 127.0.0.0/8,10.1.0.0/16"
        let texts = (reader.optionalText("source-allow", help: help) ?? "").split(separator: ",")
        return texts.compactMap { part in
            let text = part.filter { $0 != " " }
            let network = Network(text)
            if network == nil {
                reader.complain("`source-allow`: `\(text)` is not a network such as 10.1.0.0/16")
            }
            return network
        }
    }
}
