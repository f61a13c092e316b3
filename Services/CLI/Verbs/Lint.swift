import Pipelines

/// Names every mistake in a pipeline's folder.
struct Lint: Command {
    let name = "lint"
    let summary = "name every mistake in a pipeline's folder"
    let topic = Topic.pipelines
    let positionals = [Positional("DIR", isRequired: false, completion: .folders)]
    let options: [Option] =
        FolderChoice.options + [
            .choice("format", ["text", "json"], "how to print; text by default"),
            .value("explain", "CODE", "say what a code means and how to cure it"),
            .flag("json-schema", "print the language as a JSON Schema, for editors"),
            .flag("live", "also ask the warehouse and this host's folders"),
            .flag("warn-error", "exit with 4 when there are warnings"),
        ]
    let details = """
        DIR holds a pipeline.yaml, or a template.yaml with its instances. Where no
        environment is chosen, each of them is read.

        With --live the warehouse of the stack is asked, too: rights, columns of another
        type, keys that rows share, and whether it takes the SQL of models and checks.
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        if let code = arguments.value("explain") { return try explain(code, console) }
        if arguments.flag("json-schema") {
            console.text(try JSONSchema.pipeline())
            return .done
        }
        guard let folder = arguments.positionals.first else {
            throw CommandError(
                "`DIR` is missing", exit: .usage, try: "millrace lint compose/pipelines/goodreads")
        }
        var report = PipelineFolder.read(folder, try FolderChoice.read(arguments)).report
        if arguments.flag("live") {
            let context = try StackContext(arguments)
            for pipeline in report.pipelines {
                let found = try await LiveExamination(pipeline: pipeline, context: context)
                    .findings()
                report = try report.adding(found)
            }
        }
        console.text(
            console.format == .json
                ? try report.json() + "\n" : report.text(colour: console.hasColour))
        if report.errors > 0 { return .usage }
        return report.warnings > 0 && arguments.flag("warn-error") ? .warned : .done
    }

    private func explain(_ word: String, _ console: Console) throws -> ExitCode {
        guard let code = DiagnosticCode(rawValue: word.uppercased()) else {
            let codes = DiagnosticCode.allCases.map(\.rawValue)
            let hint =
                nearest(to: word.uppercased(), in: codes)
                .map { "; did you mean \($0)?" } ?? ""
            throw CommandError(
                "there is no code `\(word)`\(hint)", exit: .usage, try: "millrace lint --help")
        }
        console.line("\(code.rawValue) (\(code.severity.rawValue))\n\n\(code.explanation)")
        return .done
    }
}
