import Engine
import Events
import Foundation
import Pipelines
import Stack

/// Writes the folder of a new pipeline: a small one that works, or one for a file that is there.
struct Init: Command {
    let name = "init"
    let summary = "write a new pipeline, also for a file"
    let topic = Topic.pipelines
    let positionals = [
        Positional("TEMPLATE", isRequired: false), Positional("DIR", completion: .folders),
    ]
    let options: [Option] = [
        .value("from", "FILE", "guess format, types and key from it", completion: .files),
        .value("name", "NAME", "the pipeline's; by default made of DIR's"),
    ]
    let details = """
        TEMPLATE is csv (the default), jsonl, or many: a template with its instances.

          millrace init shop
          millrace init --from export.csv.gz --name shop shop

        With --from the file is read as a whole: CSV with , ; | or tab, or JSON lines,
        plain or packed. The pipeline says beside each guess why; nothing is guessed
        from a value that could mean two things. A folder with files is never touched.
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let words = arguments.positionals
        let folder = try NewFolder(words[words.count - 1])
        let name = try name(arguments, folder)
        guard let file = arguments.value("from") else {
            try folder.write(try starter(words.count > 1 ? words[0] : "csv").files(named: name))
            return try await finish(
                folder, console, ["lint \(folder.path)", "test \(folder.path)"])
        }
        guard words.count == 1 else {
            throw CommandError("a template and --from are two ways: choose one", exit: .usage)
        }
        return try await guess(file, name, folder, console)
    }

    private func name(_ arguments: Arguments, _ folder: NewFolder) throws(CommandError) -> String {
        guard let name = arguments.value("name") else { return folder.name }
        let legal = Pipeline.name(from: name, or: "pipeline")
        guard legal == name else {
            throw CommandError(
                "`\(name)` cannot name a pipeline; `\(legal)` could", exit: .usage)
        }
        return name
    }

    private func starter(_ word: String) throws(CommandError) -> Starter {
        if let starter = Starter(rawValue: word) { return starter }
        let names = Starter.allCases.map(\.rawValue)
        let hint = nearest(to: word, in: names).map { "; did you mean `\($0)`?" } ?? ""
        throw CommandError(
            "there is no template `\(word)`\(hint) There are \(names.joined(separator: ", "))",
            exit: .usage, try: "millrace init --help")
    }

    private func guess(
        _ file: String, _ name: String, _ folder: NewFolder, _ console: Console
    ) async throws -> ExitCode {
        guard FileManager.default.isReadableFile(atPath: file) else {
            throw CommandError("\(file) cannot be read", exit: .usage)
        }
        guard let program = ServerPrograms.engine() else {
            throw CommandError(
                "the engine `duckdb` is neither in .tools nor in PATH", try: "make setup")
        }
        let engine = DuckDBEngine(program: program)
        let scratch = try ScratchFolder()
        defer { scratch.remove() }
        do {
            let surveyor = FileSurveyor(engine: engine, scratch: scratch.path)
            let survey = try await surveyor.look(at: file)
            let pipeline = try await GuessedPipeline(
                name: name, file: URL(filePath: file).lastPathComponent, survey: survey, surveyor)
            try folder.write(["pipeline.yaml": pipeline.yaml])
            console.records(Self.table(pipeline))
            try await tell(pipeline, file, engine, scratch, folder, console)
            return try await finish(
                folder, console,
                [
                    "lint \(folder.path)", "apply \(folder.path)",
                    "put \(name) \(pipeline.dataset) \(file) --wait",
                    "query \"select * from \(name).\(pipeline.dataset) limit 10\"",
                ])
        } catch let error as SurveyError {
            throw CommandError(error.description, exit: .failed, try: "millrace init --help")
        }
    }

    private static func table(_ pipeline: GuessedPipeline) -> Table {
        var table = Table("column", "type", "field", "filled", "why")
        for column in pipeline.columns {
            table.add([
                Cell(column.name), Cell(column.type.rawValue), Cell(column.field.name),
                Cell(column.field.filled), Cell(column.reason),
            ])
        }
        return table
    }

    /// What the new pipeline makes of the file itself.
    private func tell(
        _ guessed: GuessedPipeline, _ file: String, _ engine: DuckDBEngine,
        _ scratch: ScratchFolder, _ folder: NewFolder, _ console: Console
    ) async throws {
        let report = PipelineFolder.read(folder.path).report
        guard let dataset = report.pipeline?.datasets.first else {
            throw CommandError(
                "the pipeline that was written has mistakes:\n\(report.text(colour: false))",
                try: "millrace lint \(folder.path)")
        }
        let place = try scratch.folder("trial")
        let job = TransformJob(
            dataset: dataset,
            objects: [InputObject(name: guessed.file, location: URL(filePath: file).path)],
            processed: "\(place)/rows.parquet", rejects: "\(place)/rejects.parquet", scratch: place)
        let outcome = try await engine.transform(job)
        let counts = outcome.counts
        if let refusal = outcome.objects.first?.refusal {
            console.note("as it stands the file is refused: \(refusal)")
        } else {
            console.note(
                "\(counts.read) records: \(counts.kept) rows, \(counts.superseded) older versions, "
                    + "\(counts.rejected) rejects")
        }
        console.note("load: \(guessed.key.reason)")
    }

    private func finish(
        _ folder: NewFolder, _ console: Console, _ commands: [String]
    ) async throws -> ExitCode {
        console.note("\(folder.path) is written. Next:")
        for command in commands { console.note("  millrace \(command)") }
        return .done
    }
}
