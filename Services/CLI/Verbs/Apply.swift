import Pipelines

/// Makes a pipeline's folder the current revision of the pipeline.
struct Apply: Command {
    let name = "apply"
    let summary = "make a pipeline's folder its current revision"
    let topic = Topic.pipelines
    let positionals = [Positional("DIR", completion: .folders)]
    let options = FolderChoice.options
    let details = """
        DIR holds a pipeline.yaml, or a template.yaml and instances: many pipelines.
        Nothing is applied while `millrace lint` finds an error in the folder. Batches
        that are on their way keep the revision that they began with.
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
        let catalog = try StackContext(arguments).catalog()
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

    private func change(from before: String?, to revision: String) -> Cell {
        guard let before else { return Cell("new", .good) }
        return before == revision ? Cell("none", .dim) : Cell("replaces \(before)", .good)
    }
}
