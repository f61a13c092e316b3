import Outbound
import Settings

/// Where subscribers find the pages on which they confirm and leave.
struct PageSettings: Sendable {
    /// Without a slash at the end; nil where there are no pages.
    var url: String?
    /// Numeric.
    var address = "127.0.0.1"
    var port: UInt16 = 8090

    init(reading reader: inout SettingsReader) {
        url = Self.url(&reader)
        let text = reader.text(
            "public-listen", default: "127.0.0.1:8090",
            help: "address and port of those pages, for the proxy that serves `public-url`")
        guard let colon = text.lastIndex(of: ":"),
            let port = UInt16(text[text.index(after: colon)...])
        else {
            reader.complain("`public-listen` is `\(text)`; write one such as 127.0.0.1:8090")
            return
        }
        address = text[..<colon].filter { $0 != "[" && $0 != "]" }
        self.port = port
        if IPAddress(address) == nil {
            reader.complain("`public-listen`: `\(address)` is not an address such as 127.0.0.1")
        }
    }

    private static func url(_ reader: inout SettingsReader) -> String? {
        let given = reader.optionalText(
            "public-url",
            help: "where mails lead subscribers to confirm and to leave, e.g. "
                + "https://alerts.example.org; without it mails name commands instead")
        guard let given, !given.isEmpty else { return nil }
        do {
            let address = try WebAddress(given)
            let isHere =
                ["localhost", "[::1]"].contains(address.host)
                || IPAddress(address.host)?.bytes.first == 127
            if !address.isEncrypted, !isHere {
                reader.complain("`public-url`: links hold secrets, so it must start with https://")
            }
            if given.contains("?") || given.contains("#") {
                reader.complain("`public-url` ends before any `?` or `#`")
            }
        } catch {
            reader.complain("`public-url`: \(error.reason)")
        }
        return String(given.reversed().drop { $0 == "/" }.reversed())
    }
}
