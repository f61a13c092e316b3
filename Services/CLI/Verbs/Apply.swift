import Foundation
import Pipelines

/// Makes a pipeline's folder the current revision of the pipeline.
struct Apply: Command {
    let name = "apply"
    let summary = "make a pipeline's folder its current revision"
    let topic = Topic.pipelines
    let positionals = [Positional("DIR", completion: .folders)]
    let options =
        FolderChoice.options + [
            .flag("yes", "do not ask, whatever it changes")
        ]
    let details = """
        DIR holds a pipeline.yaml, or a template.yaml and instances: many pipelines.
        Nothing is applied while `millrace lint` finds an error in the folder. Batches
        that are on their way keep the revision that they began with.

        It says what it changes, as `millrace plan` does, and on a terminal asks before
        it does what would leave a table behind or make batches fail.
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let folder = arguments.positionals[0]
        let report = PipelineFolder.read(folder, try FolderChoice.read(arguments)).report
        guard !report.pipelines.isEmpty else {
            console.note(report.text(colour: console.hasColour))
            throw CommandError(
                "\(folder) has mistakes; nothing was applied", exit: .usage,
                try: "millrace lint \(folder)")
        }
        let context = try StackContext(arguments)
        let catalog = try context.catalog()
        try await confirm(report.pipelines, context, arguments, console)
        var table = Table(
            "pipeline", .init("revision", isWhole: true), "change", "datasets", "models")
        for pipeline in report.pipelines {
            let before = try await catalog.current(pipeline.name)
            let revision = try await catalog.apply(pipeline)
            table.add([
                Cell(pipeline.name), Cell(revision), change(from: before?.revision, to: revision),
                Cell(pipeline.datasets.count), Cell(pipeline.models.count),
            ])
        }
        console.records(table)
        return .done
    }

    private func confirm(
        _ pipelines: [Pipeline], _ context: StackContext, _ arguments: Arguments,
        _ console: Console
    ) async throws {
        var isGrave = false
        for pipeline in pipelines {
            let plan = try await PipelinePlan.make(pipeline, context)
            // A new pipeline is what its folder says.
            guard plan.from != nil, !plan.changes.isEmpty else { continue }
            console.note(plan.text { console.paint($0, $1, on: .errors) })
            isGrave = isGrave || plan.isGrave
        }
        guard isGrave, !arguments.flag("yes"), isatty(STDIN_FILENO) == 1,
            isatty(STDERR_FILENO) == 1
        else { return }
        console.note("Apply? [y/N]")
        guard let answer = readLine(), ["y", "yes"].contains(answer.lowercased()) else {
            throw CommandError("nothing was applied", exit: .failed, try: "millrace apply --help")
        }
    }

    private func change(from before: String?, to revision: String) -> Cell {
        guard let before else { return Cell("new", .good) }
        return before == revision ? Cell("none", .dim) : Cell("replaces \(before)", .good)
    }
}
