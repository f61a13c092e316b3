import Broker
import Events
import Foundation
import Telemetry
import Warehouse

/// One dead letter as a person reads it: why, what happened, what it carries, what to type next.
struct LetterPage {
    let letter: KeptLetter
    let content: LetterContent
    let dataFlag: String
    /// More of a payload than this is not for reading.
    private static let shownBytes = 8 << 10

    func show(on console: Console) {
        let state = LetterTable.state(letter)
        console.line(
            "dead letter \(Table.clean(letter.id))  \(console.paint(state.text, state.style))")
        for (name, value) in facts {
            let padded = name.padding(toLength: 8, withPad: " ", startingAt: 0)
            console.line("  \(console.paint(padded, .dim))  \(Table.clean(value))")
        }
        section("history", content.history.map(Self.line), console)
        section("headers", headers, console)
        section("payload, \(content.message.body.count) bytes", payload, console)
        section("next", next, console)
    }

    /// Everything, for programs.
    static func records(_ pages: [(KeptLetter, LetterContent)]) -> Table {
        let columns = LetterTable.table([KeptLetter](), for: .json).columns
        var table = Table(columns: columns + ["content_type", "headers", "history", "data"])
        for (letter, content) in pages {
            let row = LetterTable.table([letter], for: .json).rows[0]
            table.add(
                row + [
                    Cell(content.message.contentType), Cell(.json(json(content.message.headers))),
                    Cell(.json(json(content.history))),
                    Cell(String(decoding: content.message.body, as: UTF8.self)),
                ])
        }
        return table
    }

    private var facts: [(String, String)] {
        let place = "\(letter.pipeline).\(letter.dataset)"
        let tries = TimeText.count(letter.attempts, "attempt")
        let times =
            letter.attempts == 1 || letter.firstFailedAt == letter.lastFailedAt
            ? TimeText.stamp(letter.lastFailedAt)
            : "\(TimeText.stamp(letter.firstFailedAt)) to \(TimeText.stamp(letter.lastFailedAt))"
        return [
            ("what", "\(letter.kind) of \(place), from \(letter.queue)"),
            ("reason", "\(letter.reason): \(letter.errorClass)"),
            ("error", letter.errorMessage),
            ("failed", times + (letter.host.isEmpty ? "" : " on \(letter.host)") + ", \(tries)"),
            ("replays", "\(letter.replays)"), ("trace", letter.trace ?? "none"),
        ]
    }

    private func section(_ title: String, _ lines: [String], _ console: Console) {
        guard !lines.isEmpty else { return }
        console.line()
        console.line(console.paint(title, .strong))
        for line in lines { console.line("  \(line)") }
    }

    private static func line(_ event: LetterEvent) -> String {
        let who = event.who.map { " by \($0)" } ?? ""
        let why = event.reason.map { " (\($0))" } ?? ""
        let error = event.error.map { ": \($0)" } ?? ""
        return Table.clean("\(event.at)  \(event.what)\(who)\(why)\(error)")
    }

    private var headers: [String] {
        content.message.headers.sorted { $0.key < $1.key }.map { name, value in
            let text = value.text ?? Self.json(value)
            return Table.clean("\(name): \(text)")
        }
    }

    private var payload: [String] {
        let body = content.message.body
        let shown = body.prefix(Self.shownBytes)
        var lines: [String]
        if let text = String(data: body, encoding: .utf8), !text.contains("\0") {
            let part = String(decoding: shown, as: UTF8.self)
            lines = Table.clean(part, keepsLines: true).split(separator: "\n").map(String.init)
        } else {
            lines = Self.hexadecimal(shown.prefix(512))
        }
        if lines.isEmpty { lines = ["(empty)"] }
        if shown.count < body.count || lines.count > 200 {
            lines = lines.prefix(200) + ["… --payload prints it whole"]
        }
        return lines
    }

    private static func hexadecimal(_ bytes: Data) -> [String] {
        let all = Array(bytes)
        return stride(from: 0, to: all.count, by: 16).map { start in
            let row = all[start..<min(start + 16, all.count)]
            let digits = row.map { String(format: "%02x", $0) }.joined(separator: " ")
            let text = row.map { (0x20..<0x7F).contains($0) ? String(UnicodeScalar($0)) : "·" }
            return digits.padding(toLength: 48, withPad: " ", startingAt: 0) + text.joined()
        }
    }

    private var next: [String] {
        let id = Table.clean(letter.id)
        switch letter.state {
        case .waiting:
            let force = letter.replays >= Replay.usualReplays ? " --force" : ""
            return [
                "millrace dead replay \(id)\(force)\(dataFlag)   once the cause is cured",
                "millrace dead drop \(id)\(dataFlag)   when it is not needed",
            ]
        case .replaying:
            return ["millrace dead show \(id)\(dataFlag)   in a minute: it is under way"]
        case .resolved, .dropped:
            return []
        }
    }

    private static func json(_ value: some Encodable) -> String {
        do {
            return String(decoding: try EventJSON.encode(value), as: UTF8.self)
        } catch {
            return JSONString.quoted("\(error)")
        }
    }
}
