import Engine
import Foundation
import Pipelines
import Stack

/// Tries a pipeline on the cases in its folder `tests`, on the engine alone.
struct Test: Command {
    let name = "test"
    let summary = "try a pipeline on the cases in its tests folder"
    let topic = Topic.pipelines
    let positionals = [Positional("DIR", isRequired: false, completion: .folders)]
    let options =
        FolderChoice.options + [.value("filter", "NAME", "only cases with that in their name")]
    let details = """
        Each tests/*.yaml says which files are given and what must become of them: rows,
        rejects, checks, models. Neither a broker nor a warehouse is needed. Models and
        checks are run by DuckDB, which takes most of the warehouse's SQL; what it does
        not take is reported. Personal data is hashed with the key "test", eight times.
        Exits with 1 when a case fails.
        """
    /// More would not be faster on few cores, and each has an engine of its own.
    private static let atOnce = 3

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let folder = arguments.positionals.first ?? "."
        let cases = try cases(folder, arguments, console)
        guard let program = ServerPrograms.engine() else {
            throw CommandError(
                "the engine `duckdb` is neither in .tools nor in PATH", try: "make setup")
        }
        let limits = EngineLimits(memoryMegabytes: 512, threads: 1, time: .seconds(120))
        let scratch = try ScratchFolder()
        defer { scratch.remove() }
        // A fixed key, so that a case can say what a hashed value is.
        let key = "\(scratch.path)/key"
        try Data(String(repeating: "test", count: 8).utf8).write(to: URL(filePath: key))
        let engine = DuckDBEngine(program: program, limits: limits, personalKeyFile: key)
        let results = try await results(cases, folder, engine, scratch)
        if console.format == .table {
            for result in results { console.text(result.text(in: folder, console)) }
            let failed = results.count { !$0.isPassed }
            console.note("\(TimeText.count(results.count, "case")), \(failed) failed")
        } else {
            console.records(CaseResult.table(results))
        }
        return results.allSatisfy(\.isPassed) ? .done : .failed
    }

    private func cases(
        _ folder: String, _ arguments: Arguments, _ console: Console
    ) throws -> [PipelineCase] {
        let lint = PipelineFolder.read(folder, try FolderChoice.read(arguments)).report
        let (all, report) = PipelineCases.read(folder, of: lint.pipelines)
        for report in [lint, report] where report.errors > 0 {
            console.note(report.text(colour: console.hasColour))
            throw CommandError(
                "\(folder) has mistakes; nothing was tried", exit: .usage,
                try: "millrace lint \(folder)")
        }
        let filter = arguments.value("filter")
        let cases = all.filter { filter == nil || $0.name.contains(filter ?? "") }
        guard !cases.isEmpty else {
            throw CommandError(
                all.isEmpty
                    ? "\(folder)/\(PipelineCases.folderName) has no cases; "
                        + "an example has one"
                    : "no case has `\(filter ?? "")` in its name", exit: .usage,
                try: "millrace init csv example")
        }
        return cases
    }

    /// In the order of the cases.
    private func results(
        _ cases: [PipelineCase], _ folder: String, _ engine: DuckDBEngine, _ scratch: ScratchFolder
    ) async throws -> [CaseResult] {
        try await withThrowingTaskGroup(of: (Int, CaseResult).self) { group in
            var results: [Int: CaseResult] = [:]
            for (index, test) in cases.enumerated() {
                if index >= Self.atOnce, let (done, result) = try await group.next() {
                    results[done] = result
                }
                let run = CaseRun(
                    test: test, folder: folder, engine: engine,
                    scratch: try scratch.folder("\(index)"))
                group.addTask { (index, try await run.result()) }
            }
            for try await (done, result) in group { results[done] = result }
            return results.sorted { $0.key < $1.key }.map(\.value)
        }
    }
}
