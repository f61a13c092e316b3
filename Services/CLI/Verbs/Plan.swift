import Events
import Foundation
import Pipelines

/// Says what an apply would change.
struct Plan: Command {
    let name = "plan"
    let summary = "say what applying a folder would change"
    let topic = Topic.pipelines
    let positionals = [Positional("DIR", completion: .folders)]
    let options =
        FolderChoice.options + [
            .choice("format", ["table", "json"], "how to print; table by default"),
            .flag("exit-code", "exit with 4 when there is something to do"),
        ]
    let details = """
        Compares the folder with the applied revision and with the tables that are in
        the warehouse, and changes nothing. `!` marks what would make batches fail.

        Rows that are there are not read again by an apply: `millrace replay RUN
        --current` does that.
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let folder = arguments.positionals[0]
        let report = PipelineFolder.read(folder, try FolderChoice.read(arguments)).report
        guard !report.pipelines.isEmpty else {
            console.note(report.text(colour: console.hasColour))
            throw CommandError(
                "\(folder) has mistakes", exit: .usage, try: "millrace lint \(folder)")
        }
        let context = try StackContext(arguments)
        var plans: [PipelinePlan] = []
        for pipeline in report.pipelines {
            plans.append(try await PipelinePlan.make(pipeline, context))
        }
        if console.format == .json {
            let lines = try plans.map { String(decoding: try EventJSON.encode($0), as: UTF8.self) }
            console.line("[\n\(lines.joined(separator: ",\n"))\n]")
        } else {
            console.text(
                plans.map { $0.text { console.paint($0, $1) } }.joined(separator: "\n"))
        }
        let isChange = plans.contains { !$0.changes.isEmpty || $0.from != $0.to }
        return isChange && arguments.flag("exit-code") ? .warned : .done
    }
}
