import Events
import Lake
import Pipelines
import Warehouse

/// Tells where rows came from, or where an object went.
struct Trace: Command {
    let name = "trace"
    let summary = "follow a row back, or an object forward"
    let topic = Topic.data
    let positionals = [
        Positional("WHAT", isRequired: false),
        Positional("KEY=VALUE", isRequired: false, isRepeatable: true),
    ]
    let options: [Option] = [
        .value("source-id", "N", "the object that `_source_id` N of a row names"),
        .value("limit", "N", "at most so many rows or objects; 10 by default"),
    ]
    let details = """
          millrace trace goodreads.books book_id=17       a row, back to its line
          millrace trace reviews.csv                      an object, forward to its rows
          millrace trace --source-id 42                   the same

        WHAT is PIPELINE.DATASET, with the values of columns that tell a row, or an
        object: its key in the lake, its name there (`<ulid>-<name>`), the name of the
        file that it was, or the first eight or more digits of its SHA-256.
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let limit = try arguments.integer("limit", default: 10, in: 1...1_000)
        let context = try StackContext(arguments)
        if let text = arguments.value("source-id") {
            guard let id = Int(text) else {
                throw CommandError("--source-id is `\(text)`; it is a number", exit: .usage)
            }
            return try await show(
                try await ObjectTrace(context, limit: limit).entry(id), context, console)
        }
        guard let what = arguments.positionals.first else {
            throw CommandError("`WHAT` is missing", exit: .usage)
        }
        let words = Array(arguments.positionals.dropFirst())
        if let table = try await TracedTable.find(what, hasValues: !words.isEmpty, context) {
            let conditions = try table.conditions(words, context)
            let rows = try await RowTrace(context, table, limit: limit).rows(conditions)
            return show(rows, of: table, context, console)
        }
        return try await show(
            try await ObjectTrace(context, limit: limit).find(what), context, console)
    }

    private func show(
        _ rows: [TracedRow], of table: TracedTable, _ context: StackContext, _ console: Console
    ) -> ExitCode {
        guard console.format == .table else {
            console.records(TracedRow.table(rows))
            return .done
        }
        let pages = rows.map {
            RowTracePage(row: $0, table: table, dataFlag: context.dataFlag) {
                console.paint($0, $1)
            }.text
        }
        console.text(pages.joined(separator: "\n"))
        return .done
    }

    private func show(
        _ objects: [TracedObject], _ context: StackContext, _ console: Console
    ) async throws -> ExitCode {
        guard console.format == .table else {
            console.records(TracedObject.table(objects))
            return .done
        }
        let pages = objects.map {
            ObjectTracePage(object: $0, dataFlag: context.dataFlag) { console.paint($0, $1) }.text
        }
        console.text(pages.joined(separator: "\n"))
        return .done
    }
}
