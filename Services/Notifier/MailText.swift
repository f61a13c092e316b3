import Foundation

/// The words of a mail about an alert, as plain text and as HTML.
enum MailText {
    /// A piece of a message; how it looks is for whoever shows it.
    enum Part: Sendable, Equatable {
        case text(String)
        /// To be typed as it stands.
        case command(String)
        /// Smaller: where it comes from.
        case origin(String)
    }

    /// One line: `[millrace] warning goodreads.reviews: …`
    static func subject(of alert: Alert) -> String {
        let title = alert.headline.unicodeScalars.map { scalar in
            scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) ? " " : Character(scalar)
        }
        let words = String(title).split(separator: " ").joined(separator: " ")
        return "[millrace] \(alert.word) \(words.prefix(200))"
    }

    /// What happened, in a few lines, and what to type.
    ///
    /// - Parameter leaving: The link by which the receiver leaves the subscription.
    static func parts(of alert: Alert, subscription: String, leaving: String? = nil) -> [Part] {
        var parts = [Part.text(alert.title)]
        if !alert.detail.isEmpty { parts.append(.text(alert.detail)) }
        if let command = alert.command { parts.append(.command(command)) }
        if let lines = alert.notice?.lines, !lines.isEmpty {
            parts.append(.text(lines.joined(separator: "\n")))
        }
        if let owner = alert.owner { parts.append(.text("Owner: \(owner)")) }
        let batch = alert.batch.map { ", run \($0)" } ?? ""
        let time = alert.time.formatted(.iso8601)
        return parts + [
            .origin(
                "\(time), topic \(alert.topic)\(batch)\n"
                    + "You get this by subscription \(subscription)."
                    + (leaving.map { "\nTo get no more of these: \($0)" } ?? ""))
        ]
    }

    static func body(of alert: Alert, subscription: String, leaving: String? = nil) -> String {
        parts(of: alert, subscription: subscription, leaving: leaving).map { part in
            switch part {
            case .text(let text), .origin(let text): text
            case .command(let command): "What to type next:\n    \(command)"
            }
        }.joined(separator: "\n\n")
    }

    /// The same for readers that show HTML; nothing in it but text, since what alerts say comes
    /// from data.
    static func html(of alert: Alert, subscription: String, leaving: String? = nil) -> String {
        let all = parts(of: alert, subscription: subscription, leaving: leaving)
        let parts = all.enumerated().map { index, part in
            switch part {
            case .text(let text) where index == 0: "<p><strong>\(escaped(text))</strong></p>"
            case .text(let text): "<p>\(escaped(text))</p>"
            case .command(let text): "<p>What to type next:</p>\n<pre>\(escaped(text))</pre>"
            case .origin(let text): "<p><small>\(escaped(text))</small></p>"
            }
        }
        return """
            <!DOCTYPE html>
            <html><head><meta charset="utf-8"></head>
            <body style="font-family: sans-serif; white-space: pre-line">
            \(parts.joined(separator: "\n"))
            </body></html>
            """
    }

    private static func escaped(_ text: String) -> String {
        var out = ""
        for character in text {
            switch character {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            case "'": out += "&#39;"
            default: out.append(character)
            }
        }
        return out
    }
}
