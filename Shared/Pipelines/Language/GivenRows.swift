import YAML

/// Writes the rows of a case as a file of the dataset's format.
struct GivenRows {
    let dataset: Dataset

    /// What the file is called where the case does not say.
    var name: String { isJSON ? "given.jsonl" : "given.csv" }

    /// Nil where the format is no text.
    func text(_ rows: [[YAMLEntry]]) -> String? {
        switch dataset.format {
        case .csv(let csv), .byName(let csv): delimited(rows, csv)
        case .jsonLines, .json: rows.map(object).joined(separator: "\n") + "\n"
        case .parquet: nil
        }
    }

    private var isJSON: Bool {
        switch dataset.format {
        case .jsonLines, .json: true
        case .csv, .byName, .parquet: false
        }
    }

    /// Every field that must be there is in the header; what a row does not say is empty.
    private func delimited(_ rows: [[YAMLEntry]], _ csv: CSVFormat) -> String {
        var names = dataset.columns.filter { !$0.isOptional }.map(\.field)
        for entry in rows.joined() where !names.contains(entry.key.text) {
            names.append(entry.key.text)
        }
        func line(_ values: [String]) -> String {
            values.map { value in
                let escaped = value.replacing(csv.quote, with: csv.escape + csv.quote)
                return csv.quote + escaped + csv.quote
            }.joined(separator: csv.delimiter)
        }
        let lines = rows.map { row in
            line(names.map { name in row.first { $0.key.text == name }.map(Self.text) ?? "" })
        }
        return ([line(names)] + lines).joined(separator: "\n") + "\n"
    }

    private func object(_ row: [YAMLEntry]) -> String {
        let members = row.map { entry -> String in
            guard case .scalar(let scalar) = entry.value.content, !scalar.isNull else {
                return "\(Self.quoted(entry.key.text)): null"
            }
            let isWord = ["true", "false"].contains(scalar.text)
            let isBare = scalar.isPlain && (isWord || ColumnType.double.accepts(scalar.text))
            return "\(Self.quoted(entry.key.text)): "
                + (isBare ? scalar.text : Self.quoted(scalar.text))
        }
        return "{\(members.joined(separator: ", "))}"
    }

    private static func text(_ entry: YAMLEntry) -> String {
        guard case .scalar(let scalar) = entry.value.content, !scalar.isNull else { return "" }
        return scalar.text
    }

    private static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": out += "\\\(scalar)"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }
}
