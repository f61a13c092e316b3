import Foundation
import Stack
import Warehouse

/// Lists what the checks found last, or writes it as a page.
struct ListChecks: Command {
    let name = "checks"
    let summary = "list what the checks found last"
    let topic = Topic.trouble
    let options: [Option] = [
        .value("pipeline", "NAME", "only that pipeline's"),
        .flag("failed", "only those that failed or could not be evaluated"),
        .value("since", "TIME", "only what was found since: 30m, 2h, 7d, 2026-11-21"),
        .value("report", "FILE.html", "write one page with charts", completion: .files),
    ]
    let details = """
        The page is one file that needs nothing else: for each table the state of its
        checks, what they measured over time, and rows that fail.
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let context = try StackContext(arguments)
        let results = CheckResults(try context.warehouse())
        let pipeline = arguments.value("pipeline")
        let since = try Since.read(arguments)
        var entries = try await results.latest(pipeline: pipeline, since: since)
        if arguments.flag("failed") { entries.removeAll(where: \.passed) }
        if let path = arguments.value("report") {
            let history = try await results.history(
                pipeline: pipeline, since: since, limit: CheckReport.points)
            let page = CheckReport(entries: entries, history: history, madeAt: Date()).html
            do {
                try Data(page.utf8).write(to: URL(filePath: path), options: .atomic)
            } catch {
                throw CommandError("\(path) cannot be written: \(error.localizedDescription)")
            }
            console.note("\(TimeText.count(entries.count, "check")) in \(path)")
            return .done
        }
        console.records(CheckTable.table(entries, for: console.format))
        if console.format == .table, entries.isEmpty {
            console.note(
                arguments.flag("failed")
                    ? "no check has failed"
                    : "no check has run yet: put a file, or millrace check"
                        + " PIPELINE\(context.dataFlag)")
        }
        return .done
    }
}
