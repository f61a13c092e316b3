import Telemetry

/// Records with the same columns, for people, JSON readers and CSV readers.
struct Table: Sendable {
    /// A column: its name is the headline and the JSON key, so it does not change.
    struct Column: Sendable, ExpressibleByStringLiteral {
        let name: String
        /// Never cut to fit, e.g. an id that is to be copied.
        let isWhole: Bool

        init(_ name: String, isWhole: Bool = false) {
            self.name = name
            self.isWhole = isWhole
        }

        init(stringLiteral name: String) { self.init(name) }
    }

    let columns: [Column]
    private(set) var rows: [[Cell]] = []

    init(_ columns: Column...) { self.columns = columns }
    init(columns: [Column]) { self.columns = columns }

    /// Adds a record; one cell for each column.
    mutating func add(_ row: [Cell]) {
        precondition(row.count == columns.count, "a row has one cell for each column")
        rows.append(row)
    }

    /// For people: columns that fit into `width`, or one record below the other where they cannot.
    /// - Parameter style: Puts a style's colour on a text.
    func text(width: Int, style: (String, Style) -> String = { text, _ in text }) -> String {
        let texts = rows.map { row in row.map { Self.clean($0.text) } }
        guard let widths = fit(texts, into: width) else { return records(texts, style) }
        let isRight = columns.indices.map { index in
            !rows.isEmpty && rows.contains { $0[index].isNumber }
                && rows.allSatisfy { $0[index].isNumber || $0[index].value == .none }
        }
        func line(_ cells: [String], _ paint: (Int, String) -> String) -> String {
            let parts = cells.indices.map { index in
                let cut = Self.cut(cells[index], to: widths[index])
                let isLast = index == cells.count - 1
                let gap = String(repeating: " ", count: widths[index] - displayWidth(cut))
                if isRight[index] { return gap + paint(index, cut) }
                return paint(index, cut) + (isLast ? "" : gap)
            }
            return parts.joined(separator: "  ") + "\n"
        }
        let head = line(columns.map(\.name)) { style($1, .dim) }
        let body = texts.indices.map { row in
            line(texts[row]) { style($1, rows[row][$0].style) }
        }
        return head + body.joined()
    }

    /// An array with one object on each line.
    func json() -> String {
        let objects = rows.map { row in
            let members = zip(columns, row).map { "\(JSONString.quoted($0.name)): \($1.json)" }
            return "{\(members.joined(separator: ", "))}"
        }
        return objects.isEmpty ? "[]\n" : "[\n\(objects.joined(separator: ",\n"))\n]\n"
    }

    /// A header line, then one line for each record (more where a value has line breaks).
    func csv() -> String {
        let head = columns.map { Cell($0.name).csv }.joined(separator: ",")
        let body = rows.map { $0.map(\.csv).joined(separator: ",") }
        return ([head] + body).joined(separator: "\r\n") + "\r\n"
    }

    /// Control characters made visible or left out, so that data cannot steer a terminal.
    static func clean(_ text: String, keepsLines: Bool = false) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": out += keepsLines ? "\n" : "⏎"
            case "\t": out += " "
            case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value): out += "·"
            // Characters that turn the direction of what follows.
            case "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}": continue
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }

    /// The columns' widths; the widest give way first. Nil when no width is enough.
    private func fit(_ texts: [[String]], into width: Int) -> [Int]? {
        var widths = columns.indices.map { index in
            max(
                displayWidth(columns[index].name),
                texts.map { displayWidth($0[index]) }.max() ?? 0)
        }
        let least = columns.indices.map { index in
            let isNumeric = rows.contains { $0[index].isNumber }
            let widest = texts.map { displayWidth($0[index]) }.max() ?? 0
            // A number that is cut would be another number; its headline may be.
            if isNumeric { return min(widths[index], max(widest, 5)) }
            return columns[index].isWhole ? widths[index] : min(widths[index], 8)
        }
        let room = width - 2 * (columns.count - 1)
        guard least.reduce(0, +) <= room else { return nil }
        while widths.reduce(0, +) > room {
            let flexible = columns.indices.filter { widths[$0] > least[$0] }
            guard let widest = flexible.max(by: { widths[$0] < widths[$1] }) else { return nil }
            widths[widest] -= 1
        }
        return widths
    }

    /// One record below the other, each value on a line of its own.
    private func records(_ texts: [[String]], _ style: (String, Style) -> String) -> String {
        let width = columns.map { displayWidth($0.name) }.max() ?? 0
        return texts.indices.map { row in
            columns.indices.map { index in
                let name = columns[index].name
                let gap = String(repeating: " ", count: width - displayWidth(name))
                let value = style(texts[row][index], rows[row][index].style)
                return "\(style(name, .dim))\(gap)  \(value)\n"
            }.joined()
        }.joined(separator: "\n")
    }

    private static func cut(_ text: String, to width: Int) -> String {
        guard displayWidth(text) > width else { return text }
        var out = ""
        var used = 0
        for character in text {
            let next = displayWidth(String(character))
            if used + next > width - 1 { break }
            out.append(character)
            used += next
        }
        return out + "…"
    }
}

/// How many columns of a terminal the text takes.
func displayWidth(_ text: String) -> Int {
    text.reduce(0) { sum, character in
        guard let first = character.unicodeScalars.first else { return sum }
        switch first.value {
        case 0x300...0x36F, 0x200B...0x200D, 0xFE00...0xFE0F: return sum
        // East Asian wide and emoji.
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF,
            0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF,
            0x20000...0x3FFFD:
            return sum + 2
        default: return sum + 1
        }
    }
}
