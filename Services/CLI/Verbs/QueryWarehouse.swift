import Engine
import Events
import Postgres
import Warehouse

/// Asks the warehouse a question, as a reader who can change nothing.
struct QueryWarehouse: Command {
    let name = "query"
    let summary = "ask the warehouse, or the lake, read only"
    let topic = Topic.data
    let positionals = [Positional("SQL")]
    let options: [Option] = [
        .flag("lake", "ask the files of the lake, in the engine's SQL"),
        .value("limit", "N", "at most so many rows; 1000 by default, 0 for all"),
        .value("timeout", "SECONDS", "give up after that; 60 by default"),
    ]
    let details = """
          millrace query "select * from goodreads.best_books"

        SQL is one statement: select, with, values, table, show or explain. It runs in a
        read-only transaction as millrace_reader, who reads what pipelines publish and
        Millrace's own tables, but for the secrets in them.

          millrace query --lake "select * from processed.shop.books where id = 7"

        With --lake the tables are the objects of the lake, without a service or the
        warehouse: `processed.PIPELINE.DATASET` typed rows with `date` and `_batch`,
        `landing.…` and `working.…` the lines of raw text objects. The rows of a run
        that was replayed stay beside the replay's; `_batch` tells them apart.
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let limit = try arguments.integer("limit", default: 1000, in: 0...1_000_000)
        let timeout = try arguments.integer("timeout", default: 60, in: 1...86_400)
        if arguments.flag("lake") {
            let question = try LakeQuestion(
                arguments.positionals[0], limit: limit, seconds: timeout, StackContext(arguments))
            return try await Self.ask(question, limit: limit, console)
        }
        let question = try Question(arguments.positionals[0], as: console.format)
        let context = try StackContext(arguments)
        let answer: PostgresTable
        do {
            answer = try await context.warehouse().transaction { connection in
                try await Self.restrict(connection, seconds: timeout)
                return try await question.ask(connection, limit: limit)
            }
        } catch let error as PostgresError {
            throw CommandError(
                "the warehouse: \(error)", exit: Self.code(of: error),
                try: Self.remedy(for: error, timeout, context))
        }
        let isCut = limit > 0 && answer.rows.count > limit
        let rows = isCut ? answer.rows.dropLast() : answer.rows[...]
        question.show(rows, of: answer, console)
        if isCut { console.note("only the first \(limit) rows; --limit takes more") }
        return .done
    }

    private static func ask(
        _ question: LakeQuestion, limit: Int, _ console: Console
    ) async throws -> ExitCode {
        var isCut = false
        if console.format == .json {
            // One object on each line.
            var lines = try await question.json().split(separator: "\n").map(String.init)
            isCut = limit > 0 && lines.count > limit
            if isCut {
                lines = Array(lines[..<limit])
                lines[limit - 1] = String(lines[limit - 1].dropLast()) + "]"
            }
            console.line(lines.isEmpty ? "[]" : lines.joined(separator: "\n"))
        } else {
            let answer = try await question.rows()
            isCut = limit > 0 && answer.rows.count > limit
            var table = Table(columns: answer.columns.map { Table.Column($0) })
            for row in isCut ? answer.rows.dropLast() : answer.rows[...] {
                table.add(row.map { console.format == .table ? Question.cell($0) : Cell($0) })
            }
            console.records(table)
        }
        if isCut { console.note("only the first \(limit) rows; --limit takes more") }
        return .done
    }

    /// Makes the transaction one of a reader who can change nothing.
    static func restrict(
        _ connection: PostgresConnection, seconds: Int
    ) async throws {
        try await connection.execute(
            """
            set transaction read only;
            set local statement_timeout = '\(seconds)s';
            set local role \(quotedIdentifier(SystemSchema.reader))
            """)
    }

    private static func code(of error: PostgresError) -> ExitCode {
        error.disposition == .transient ? .transient : .failed
    }

    /// What helps with the usual mistakes; nil leaves it to the doctor.
    private static func remedy(
        for error: PostgresError, _ timeout: Int, _ context: StackContext
    ) -> String? {
        switch error.sqlState {
        case "57014": "millrace query --timeout \(timeout * 10) \"...\"\(context.dataFlag)"
        case "42P01", "3F000":
            "millrace query \"select schemaname, tablename from pg_tables order by 1, 2\""
                + context.dataFlag
        case let state? where state.hasPrefix("42"): "millrace query --help"
        default: nil
        }
    }
}
