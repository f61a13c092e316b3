import Checks
import Foundation
import Pipelines
import Stack
import Warehouse

/// Runs a pipeline's checks on the tables that readers see.
struct RunChecks: Command {
    let name = "check"
    let summary = "run checks now, on the published tables"
    let topic = Topic.data
    let positionals = [Positional("PIPELINE"), Positional("TABLE", isRequired: false)]
    let options: [Option] = [
        .flag("backtest", "replay the past of anomaly and row_count_change"),
        .value("timeout", "SECONDS", "for each statement; 60 by default"),
    ]
    let details = """
        TABLE is a dataset or a model; without it all are checked. Of checks that
        compare batches the last batch's result is shown. What is found is kept with
        the history of the checks. Ends with 3 when a check fails.

          millrace check shop orders --format json
          millrace check shop --backtest

        A backtest goes through the batches of the past: how often would a check have
        alarmed, with each season? It counts an alarm as false, since what was
        published passed for right. Rows of batches come from the runs; other measures
        from earlier results or, before there are any, from the rows in the table.
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let context = try StackContext(arguments)
        let timeout = try arguments.integer("timeout", default: 60, in: 1...86_400)
        let name = arguments.positionals[0]
        guard let (_, pipeline) = try await context.catalog().current(name) else {
            throw CommandError(
                "there is no pipeline `\(name)`", exit: .usage, try: "millrace catalog")
        }
        let tables = try Self.tables(of: pipeline, only: arguments.positionals.dropFirst().first)
        let pool = try context.warehouse()
        if arguments.flag("backtest") {
            let records = try await BacktestRun(pool: pool).run(tables)
            console.records(BacktestRun.table(records))
            if console.format == .table {
                console.note(
                    records.isEmpty
                        ? "no anomaly or row_count_change is among the checks"
                        : "an alarm counts as false: what was published passed for right")
            }
            return .done
        }
        let entries = try await PublishedChecks(
            pool: pool, timeLimit: .seconds(timeout)
        ).run(tables)
        console.records(CheckTable.table(entries, for: console.format))
        return entries.allSatisfy { $0.passed || $0.outcome == "held" } ? .done : .gateFailed
    }

    private static func tables(
        of pipeline: Pipeline, only name: String?
    ) throws -> [(CheckTarget, [Check])] {
        let all =
            pipeline.datasets.map { (CheckTarget($0, of: pipeline), $0.checks) }
            + pipeline.models.map { (CheckTarget($0, of: pipeline), $0.checks) }
        guard let name else { return all.filter { !$0.1.isEmpty } }
        let found = all.filter { $0.0.name == name }
        guard !found.isEmpty else {
            let names = all.map(\.0.name)
            let near = nearest(to: name, in: names).map { "; did you mean `\($0)`?" } ?? ""
            throw CommandError(
                "\(pipeline.name) has no dataset or model `\(name)`\(near)", exit: .usage)
        }
        return found
    }
}
