import Engine
import Events
import Foundation
import Pipelines
import Postgres

/// Runs one case on the engine alone: transform, checks of each batch, merge, models, checks.
struct CaseRun {
    var test: PipelineCase
    /// The pipeline's folder.
    let folder: String
    let engine: DuckDBEngine
    /// A folder of its own.
    let scratch: String

    private struct Batch {
        let number: Int
        let dataset: Dataset
        let rows: String?
        let rejects: String?
        let evolved: [EvolvedColumn]
    }

    private var pipeline: Pipeline { test.pipeline }

    func result() async throws -> CaseResult {
        var batches: [Batch] = []
        for (number, given) in test.batches.enumerated() {
            for part in given {
                if let batch = try await transform(part, number) { batches.append(batch) }
            }
        }
        var grown = self
        for dataset in pipeline.datasets {
            let own = batches.filter { $0.dataset.name == dataset.name }
            grown.test.pipeline.grow(dataset.name, by: own.flatMap(\.evolved))
        }
        return try await grown.result(of: batches)
    }

    private func result(of batches: [Batch]) async throws -> CaseResult {
        var outcomes: [CaseAnswers.Asked: Bool] = [:]
        // Batches that a check holds back, as `NUMBER DATASET`.
        var held: Set<String> = []
        for number in numbers {
            let script = try past(of: number, batches, held) + stagingChecks(number, batches)
            let lines = try await engine.run(script: script, at: "\(scratch)/staging.sql")
            for (check, isPassed) in Self.outcomes(lines) {
                outcomes[check] = isPassed
                let rules = pipeline.dataset(check.table)?.checks
                if !isPassed, rules?[check.index].severity == .block { held.insert(check.batch) }
            }
        }
        var answers = CaseAnswers(test: test, scratch: scratch)
        let past = try past(of: numbers.upperBound - 1, batches, held)
        try await answers.ask(engine, prelude: past) { number, dataset in
            batches.contains { $0.number == number && $0.dataset.name == dataset.name }
                && !held.contains("\(number) \(dataset.name)")
        }
        for (check, isPassed) in answers.outcomes { outcomes[check] = isPassed }
        let differences =
            answers.differences + (try await rejects(batches)) + checks(outcomes, answers)
        return CaseResult(
            name: test.name, place: test.place,
            differences: differences.sorted { $0.place.line < $1.place.line })
    }

    private var numbers: Range<Int> { 0..<max(1, test.batches.count) }

    private func transform(_ given: PipelineCase.Given, _ number: Int) async throws -> Batch? {
        guard let dataset = pipeline.dataset(given.dataset) else { return nil }
        let place = "\(scratch)/\(number)-\(dataset.name)"
        let files = FileManager.default
        try files.createDirectory(atPath: place, withIntermediateDirectories: true)
        var objects: [InputObject] = []
        for (index, file) in given.files.enumerated() {
            var location = URL(filePath: "\(folder)/\(file.path ?? "")").path
            if file.path == nil {
                location = "\(place)/given-\(index)"
                try Data(file.text.utf8).write(to: URL(filePath: location))
            }
            objects.append(InputObject(name: file.name, location: location))
        }
        let job = TransformJob(
            dataset: dataset, objects: objects, processed: "\(place)/rows.parquet",
            rejects: "\(place)/rejects.parquet", scratch: place)
        let report = try await engine.transform(job)
        return Batch(
            number: number, dataset: dataset, rows: report.hasRows ? job.processed : nil,
            rejects: report.hasRejects ? job.rejects : nil, evolved: report.evolved)
    }

    /// The batches' tables; those without rows too, so that everything can be asked.
    private func setUp(_ batches: [Batch]) -> String {
        var sql = "CREATE SCHEMA IF NOT EXISTS \(quotedIdentifier(pipeline.schema));\n"
        for number in 0..<max(1, test.batches.count) {
            for dataset in pipeline.datasets {
                let batch = batches.first { $0.number == number && $0.dataset.name == dataset.name }
                sql += CaseTables.create(number, dataset, from: batch?.rows)
            }
        }
        return sql
    }

    /// All batches' tables without what was taken out of them, and the datasets' tables as a batch
    /// finds them.
    private func past(
        of last: Int, _ batches: [Batch], _ held: Set<String>
    ) throws -> String {
        var sql = setUp(batches) + CaseQuarantine.create
        for number in 0...last {
            for dataset in pipeline.datasets {
                let published = batches.filter {
                    $0.number < number && $0.dataset.name == dataset.name
                        && !held.contains("\($0.number) \(dataset.name)")
                }
                sql += CaseTables(pipeline: pipeline).table(
                    of: dataset, batches: published.map(\.number))
            }
            for batch in batches where batch.number == number {
                sql += try CaseQuarantine(
                    pipeline: pipeline, dataset: batch.dataset, number: number
                ).sql()
            }
        }
        return sql
    }

    /// Asks the checks that look at batches, and keeps what they have taken out.
    private func stagingChecks(_ number: Int, _ batches: [Batch]) throws -> String {
        var sql = ""
        for batch in batches where batch.number == number {
            let query = CheckQuery(
                pipeline: pipeline, table: CaseTables.batch(number, batch.dataset))
            for (index, check) in batch.dataset.checks.enumerated() where check.scope == .batch {
                let question =
                    switch check.severity {
                    case .block: try query.sql(check.rule, bearing: check.limits?.block)
                    case .warn: try query.sql(check.rule, bearing: check.limits?.warn)
                    case .quarantine:
                        CaseQuarantine(
                            pipeline: pipeline, dataset: batch.dataset, number: number
                        ).count(index)
                    }
                let phase = "check \(batch.dataset.name) \(index) \(number)"
                sql += "SELECT '\(phase) ' || (\(question)\n);\n"
            }
            if let path = takenOut(batch.dataset) {
                sql += CaseQuarantine.copy(batch.dataset, to: path)
            }
        }
        return sql
    }

    /// Where the rows are that checks have taken out of a dataset's batches; nil where none can.
    private func takenOut(_ dataset: Dataset) -> String? {
        dataset.checks.contains { $0.severity == .quarantine }
            ? "\(scratch)/quarantined-\(dataset.name).parquet" : nil
    }

    /// Lines of `check TABLE INDEX BATCH COUNT`.
    private static func outcomes(_ lines: [String]) -> [CaseAnswers.Asked: Bool] {
        var outcomes: [CaseAnswers.Asked: Bool] = [:]
        for line in lines {
            let words = line.split(separator: " ").map(String.init)
            guard words.count == 5, words[0] == "check", let index = Int(words[2]) else { continue }
            let asked = CaseAnswers.Asked(
                table: words[1], index: index, batch: "\(words[3]) \(words[1])")
            outcomes[asked] = words[4] == "0"
        }
        return outcomes
    }

    private func checks(
        _ outcomes: [CaseAnswers.Asked: Bool], _ answers: CaseAnswers
    ) -> [CaseResult.Difference] {
        test.checks.compactMap { expected in
            let checks =
                pipeline.dataset(expected.table)?.checks ?? pipeline.model(expected.table)?.checks
            guard let index = checks?.firstIndex(where: { $0.name == expected.check }),
                !answers.failed.contains("check \(expected.table) \(index)")
            else { return nil }
            let found = outcomes.filter { $0.key.table == expected.table && $0.key.index == index }
            let isPassed = found.values.allSatisfy(\.self)
            guard isPassed != expected.isPassed else { return nil }
            return CaseResult.Difference(
                place: expected.place,
                message: "check \(expected.check) of \(expected.table) "
                    + (isPassed ? "passed, and should fail" : "failed, and should pass"))
        }
    }

    private func rejects(_ batches: [Batch]) async throws -> [CaseResult.Difference] {
        var differences: [CaseResult.Difference] = []
        for expected in test.rejects {
            guard let dataset = pipeline.dataset(expected.dataset) else { continue }
            let own = batches.filter { $0.dataset.name == dataset.name }
            let takenOut = own.isEmpty ? nil : takenOut(dataset)
            let found = try await CaseRejects(engine: engine, scratch: scratch)
                .read(own.compactMap(\.rejects) + [takenOut].compactMap(\.self))
            let difference = CaseRejects.compare(expected, found, dataset)
            if let difference { differences.append(difference) }
        }
        return differences
    }
}
