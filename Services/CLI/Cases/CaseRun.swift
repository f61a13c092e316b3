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
        let loaded = try await engine.run(
            script: setUp(batches) + (try stagingChecks(batches)), at: "\(scratch)/staging.sql")
        var outcomes = Self.outcomes(loaded)
        let refused = outcomes.filter { !$0.value }.map(\.key.batch)
        var answers = CaseAnswers(test: test, scratch: scratch)
        try await answers.ask(engine, prelude: setUp(batches)) { number, dataset in
            batches.contains { $0.number == number && $0.dataset.name == dataset.name }
                && !refused.contains("\(number) \(dataset.name)")
        }
        for (check, isPassed) in answers.outcomes { outcomes[check] = isPassed }
        let differences =
            answers.differences + (try await rejects(batches)) + checks(outcomes, answers)
        return CaseResult(
            name: test.name, place: test.place,
            differences: differences.sorted { $0.place.line < $1.place.line })
    }

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

    private func stagingChecks(_ batches: [Batch]) throws -> String {
        var sql = ""
        for batch in batches {
            let query = CheckQuery(
                pipeline: pipeline, table: CaseTables.batch(batch.number, batch.dataset))
            for (index, check) in batch.dataset.checks.enumerated() where check.severity == .block {
                let phase = "check \(batch.dataset.name) \(index) \(batch.number)"
                let question = try query.sql(check.rule, bearing: check.limits?.block)
                sql += "SELECT '\(phase) ' || (\(question)\n);\n"
            }
        }
        return sql
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
            let paths = batches.filter { $0.dataset.name == dataset.name }.compactMap(\.rejects)
            let found = try await CaseRejects(engine: engine, scratch: scratch).read(paths)
            let difference = CaseRejects.compare(expected, found, dataset)
            if let difference { differences.append(difference) }
        }
        return differences
    }
}
