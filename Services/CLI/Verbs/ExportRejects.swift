import Events
import Foundation
import Warehouse

/// Writes rejects out for somebody else's tools.
struct ExportRejects: Command {
    let name = "rejects export"
    let summary = "write rejects as CSV or JSON lines"
    let topic = Topic.trouble
    let positionals = [Positional("REJECT", isRequired: false, isRepeatable: true)]
    let options: [Option] =
        RejectSelection.options + [
            RejectListing.state,
            .choice("format", ["csv", "json"], "CSV by default; json for JSON lines"),
        ]
    let details = """
        Writes to standard output: millrace rejects export > rejects.csv

        A text that a spreadsheet would take for a formula (it starts with = + - @,
        a tab or a carriage return) gets a ' in front in CSV; JSON has it as it is.
        """

    private static let page = 1_000

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let context = try StackContext(arguments)
        var filter = try await RejectSelection(arguments: arguments, context: context).filter()
        filter.state = RejectListing.state(arguments)
        let rejects = Rejects(try context.warehouse())
        let isJSON = arguments.value("format") == "json"
        if !isJSON { console.text(RejectSheet.header) }
        var last = 0
        while true {
            let page = try await rejects.page(filter, after: last, limit: Self.page)
            for reject in page {
                console.text(try isJSON ? RejectSheet.json(reject) : RejectSheet.csv(reject))
            }
            guard page.count == Self.page, let end = page.last else { return .done }
            last = end.id
        }
    }
}

/// Rejects as lines of a file.
enum RejectSheet {
    private static let names = [
        "reject", "run", "pipeline", "dataset", "file", "line", "stage", "column", "reason",
        "message", "value", "raw", "state", "rejected_at",
    ]

    static var header: String { names.joined(separator: ",") + "\r\n" }

    static func csv(_ reject: Reject) -> String {
        fields(reject).map(cell).joined(separator: ",") + "\r\n"
    }

    static func json(_ reject: Reject) throws -> String {
        let pairs = zip(names, fields(reject)).compactMap { name, value in value.map { (name, $0) }
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let record = Dictionary(pairs, uniquingKeysWith: { first, _ in first })
        return String(decoding: try encoder.encode(record), as: UTF8.self) + "\n"
    }

    /// In quotes, and no formula.
    static func cell(_ value: String?) -> String {
        guard let value else { return "" }
        let isFormula = value.unicodeScalars.first.map { "=+-@\t\r".unicodeScalars.contains($0) }
        let text = (isFormula == true ? "'" : "") + value
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }

    private static func fields(_ reject: Reject) -> [String?] {
        [
            "\(reject.id)", reject.batch.description, reject.pipeline, reject.dataset, reject.file,
            reject.line.map(String.init), reject.stage, reject.column, reject.reason,
            reject.message, reject.value, reject.raw, reject.state.rawValue,
            EventJSON.text(of: reject.rejectedAt),
        ]
    }
}
