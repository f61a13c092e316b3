import Engine
import Foundation
import Pipelines
import Postgres

/// What the engine answers about the tables, models and checks of a case. What it cannot run is
/// named, and the rest is asked without it.
struct CaseAnswers {
    /// A check that was asked.
    struct Asked: Hashable {
        let table: String
        /// Its place among the table's checks.
        let index: Int
        /// Empty after the publish; else `NUMBER DATASET`.
        let batch: String
    }

    let test: PipelineCase
    let scratch: String
    private(set) var outcomes: [Asked: Bool] = [:]
    private(set) var differences: [CaseResult.Difference] = []
    /// Steps that the engine cannot do.
    private(set) var failed: Set<String> = []
    private var pipeline: Pipeline { test.pipeline }

    init(test: PipelineCase, scratch: String) {
        self.test = test
        self.scratch = scratch
    }

    /// - Parameters:
    ///   - prelude: Makes the batches' tables.
    ///   - isPublished: Whether a dataset has a batch of that number that no check holds back.
    mutating func ask(
        _ engine: DuckDBEngine, prelude: String,
        isPublished: (_ batch: Int, _ dataset: Dataset) -> Bool
    ) async throws {
        var tables = ""
        for dataset in pipeline.datasets {
            let batches = test.batches.indices.filter { isPublished($0, dataset) }
            tables += CaseTables(pipeline: pipeline).table(of: dataset, batches: batches)
        }
        while true {
            let steps = try steps().filter { !failed.contains($0.name) }
            let script = steps.map { "SELECT 'at \($0.name)';\n\($0.sql)\n" }.joined()
            do {
                let lines = try await engine.run(
                    script: prelude + tables + script, at: "\(scratch)/case.sql")
                return try read(lines)
            } catch let failure as ScriptFailure {
                let name = failure.phase.dropFirst(3)
                guard failure.phase.hasPrefix("at "),
                    let step = steps.first(where: { $0.name == name })
                else { throw failure }
                failed.insert(step.name)
                differences.append(
                    CaseResult.Difference(
                        place: step.place,
                        message: "\(step.what) cannot be run by the engine: \(failure.description)"
                    ))
            }
        }
    }

    /// One thing that is asked.
    private struct Step {
        let name: String
        /// For people.
        let what: String
        let place: PipelineCase.Place
        let sql: String
    }

    private func steps() throws -> [Step] {
        var steps: [Step] = []
        var lost: Set<String> = []
        for model in pipeline.models {
            let name = "model \(model.name)"
            // What reads a model that cannot be run cannot be run either, and that is said once.
            if failed.contains(name) || !lost.isDisjoint(with: model.dependsOn) {
                lost.insert(model.name)
                continue
            }
            let sql = try pipeline.warehouseSQL(model.sql)
            let place = test.tables.first { $0.name == model.name }?.place ?? test.place
            steps.append(
                Step(
                    name: name, what: "the SQL of model \(model.name)", place: place,
                    sql: "CREATE TABLE \(pipeline.qualifiedTable(model.name)) AS \(sql);"))
        }
        for table in test.tables where !lost.contains(table.name) {
            steps.append(expectation(table))
        }
        for dataset in pipeline.datasets {
            steps += try checks(
                dataset.checks.enumerated().filter { $1.scope == .table }, of: dataset.name)
        }
        for model in pipeline.models where !lost.contains(model.name) {
            steps += try checks(Array(model.checks.enumerated()), of: model.name)
        }
        return steps.filter { step in
            !lost.contains { step.sql.contains(pipeline.qualifiedTable($0)) }
        }
    }

    private func checks(
        _ checks: [(offset: Int, element: Check)], of table: String
    ) throws -> [Step] {
        let query = CheckQuery(pipeline: pipeline, table: pipeline.qualifiedTable(table))
        return try checks.map { index, check in
            let name = "check \(table) \(index)"
            let expected = test.checks.first { $0.table == table && $0.check == check.name }
            let question = try query.sql(check.rule, bearing: check.limits?.warn)
            return Step(
                name: name, what: "check \(check.name) of \(table)",
                place: expected?.place ?? test.place,
                sql: "SELECT '\(name) ' || (\(question)\n);")
        }
    }

    /// Writes what a table holds, and what is expected in the table's own types.
    private func expectation(_ table: PipelineCase.Table) -> Step {
        let name = pipeline.qualifiedTable(table.name)
        let wanted = quotedIdentifier("expected_\(table.name)")
        var sql = "CREATE TABLE \(wanted) AS SELECT 0 AS _place, * FROM \(name) LIMIT 0;\n"
        for (index, row) in table.rows.enumerated() {
            let columns = ["_place"] + row.values.map { quotedIdentifier($0.column) }
            let values =
                [String(index)] + row.values.map { $0.text.map(CaseTables.literal) ?? "NULL" }
            sql += "INSERT INTO \(wanted) (\(columns.joined(separator: ", ")))"
            sql += " VALUES (\(values.joined(separator: ", ")));\n"
        }
        for (source, order) in [(name, "rowid"), (wanted, "_place")] {
            let target = CaseTables.literal(path(table.name, isExpected: source == wanted))
            sql +=
                "COPY (SELECT COLUMNS(*)::VARCHAR FROM (SELECT * FROM \(source) ORDER BY \(order)))"
            sql += " TO \(target) (FORMAT json);\n"
        }
        return Step(
            name: "expected \(table.name)", what: "what is expected of \(table.name)",
            place: table.place, sql: sql)
    }

    private func path(_ table: String, isExpected: Bool) -> String {
        "\(scratch)/\(isExpected ? "expected" : "found")-\(table).json"
    }

    private mutating func read(_ lines: [String]) throws {
        for line in lines {
            let words = line.split(separator: " ").map(String.init)
            guard words.count == 4, words[0] == "check", let index = Int(words[2]) else { continue }
            outcomes[Asked(table: words[1], index: index, batch: "")] = words[3] == "0"
        }
        for table in test.tables where !failed.contains("expected \(table.name)") {
            let expected = path(table.name, isExpected: true)
            guard FileManager.default.fileExists(atPath: expected) else { continue }
            let comparison = RowComparison(
                table: table, expected: try Self.rows(expected),
                found: try Self.rows(path(table.name, isExpected: false)))
            if let difference = comparison.difference { differences.append(difference) }
        }
    }

    private static func rows(_ path: String) throws -> [RowComparison.Row] {
        try objects(path, as: [String: String?].self).map { $0.compactMapValues(\.self) }
    }

    /// The objects that the engine wrote, one on each line.
    static func objects<Value: Decodable>(_ path: String, as type: Value.Type) throws -> [Value] {
        let decoder = JSONDecoder()
        return try Data(contentsOf: URL(filePath: path)).split(separator: UInt8(ascii: "\n"))
            .map { try decoder.decode(type, from: Data($0)) }
    }
}
