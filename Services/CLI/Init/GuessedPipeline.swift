import Engine
import Pipelines
import Telemetry
import YAML

/// The `pipeline.yaml` that is written for a file, with the reason for each guess beside it.
struct GuessedPipeline {
    let name: String
    let dataset: String
    /// The file's own name.
    let file: String
    let survey: FileSurvey
    let columns: [ColumnGuess]
    let key: KeyGuess

    init(
        name: String, file: String, survey: FileSurvey, _ surveyor: FileSurveyor
    ) async throws {
        self.name = name
        self.file = file
        self.survey = survey
        let base = file.split(separator: ".").first.map(String.init) ?? ""
        let isName = base.contains(where: \.isLetter)
        dataset = isName ? Pipeline.name(from: base, or: name) : name
        var taken: Set<String> = []
        columns = survey.fields.enumerated().map { index, field in
            let name = Pipeline.name(from: field.name, or: "column_\(index + 1)", not: taken)
            taken.insert(name)
            return ColumnGuess(field, name: name)
        }
        key = try await KeyGuess.find(columns, in: survey, dataset: dataset, surveyor)
    }

    var yaml: String {
        """
        \(NewFolder.schemaLine)
        # Guessed from \(Table.clean(file)): \(survey.records) records.
        # Look at each guess, then remove its reason.
        name: \(name)

        datasets:
          \(quoted(dataset)):
            source:
              files:
                path: \(name)/\(dataset)     # below the inbox\(patterns)
            format: \(format)
            columns:
        \(columns.map(line).joined(separator: "\n"))
        \(unknown)    # \(key.reason)
            load: \(load)

        """
    }

    private func line(_ column: ColumnGuess) -> String {
        var options: [String] = []
        if column.field.name != column.name { options.append("field: \(text(column.field.name))") }
        if column.formats.count == 1 { options.append("format: \(text(column.formats[0]))") }
        if column.formats.count > 1 {
            options.append("format: [\(column.formats.map(text).joined(separator: ", "))]")
        }
        if let nulls = column.nulls {
            options.append("nulls: [\(nulls.map(text).joined(separator: ", "))]")
        }
        let type = column.type.rawValue
        let value =
            options.isEmpty
            ? type : "{\((["type: \(type)"] + options).joined(separator: ", "))}"
        return "      \(quoted(column.name)): \(value)  # \(column.reason)"
    }

    private var load: String {
        let names = key.columns.map(quoted).joined(separator: ", ")
        guard !key.columns.isEmpty else { return "append" }
        let newest = key.newestBy.map { ", newest_by: \(quoted($0))" } ?? ""
        return "{mode: merge, key: \(key.columns.count == 1 ? names : "[\(names)]")\(newest)}"
    }

    private var format: String {
        guard case .csv(let csv) = survey.format else { return "jsonl" }
        if csv.delimiter == "," { return "csv" }
        let delimiter = csv.delimiter == "\t" ? "tab" : JSONString.quoted(csv.delimiter)
        return "{csv: {delimiter: \(delimiter)}}"
    }

    private var unknown: String {
        guard !survey.unusable.isEmpty else { return "" }
        let names = survey.unusable.filter { !$0.isEmpty }.map { "`\(Table.clean($0))`" }
        let what =
            names.isEmpty
            ? "a field without a name" : "fields that come twice: \(names.joined(separator: ", "))"
        return "    # The file has \(what), which no column can take.\n"
            + "    contract: {new_columns: discard_value}\n"
    }

    /// Which files are taken, where the ending is not one that the format usually has.
    private var patterns: String {
        var parts = file.split(separator: ".").map(String.init)
        if let last = parts.last, ["gz", "zst", "zstd"].contains(last) { parts.removeLast() }
        let ending = parts.count > 1 ? parts[parts.count - 1] : ""
        let usual = survey.format == .jsonLines ? ["jsonl", "ndjson", "json"] : ["csv"]
        if usual.contains(ending) { return "" }
        let all = ending.isEmpty ? ["*"] : ["", ".gz", ".zst"].map { "*.\(ending)\($0)" }
        return "\n        patterns: [\(all.map(JSONString.quoted).joined(separator: ", "))]"
    }

    /// A key, in quotes where YAML would take it for something else.
    private func quoted(_ name: String) -> String {
        YAMLScalar(name, isPlain: true).keyTrap == nil ? name : "\"\(name)\""
    }

    /// A text in quotes, with nothing to fill in.
    private func text(_ text: String) -> String {
        JSONString.quoted(text.replacing("${", with: "$${"))
    }
}
