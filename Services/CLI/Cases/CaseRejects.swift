import Engine
import Foundation
import Pipelines

/// The rejects of a case, compared with those that it expects.
struct CaseRejects {
    struct Found: Decodable {
        let line: Int?
        let column: String?
        let reason: String
        let message: String
    }

    let engine: DuckDBEngine
    let scratch: String

    func read(_ paths: [String]) async throws -> [Found] {
        guard !paths.isEmpty else { return [] }
        let target = "\(scratch)/rejects.json"
        let list = paths.map(CaseTables.literal).joined(separator: ", ")
        _ = try await engine.run(
            script: """
                COPY (SELECT line, "column", reason, message
                FROM read_parquet([\(list)], filename = true, hive_partitioning = false)
                ORDER BY filename, object, line)
                TO \(CaseTables.literal(target)) (FORMAT json);
                """, at: "\(scratch)/rejects.sql")
        return try CaseAnswers.objects(target, as: Found.self)
    }

    static func compare(
        _ expected: PipelineCase.Rejects, _ found: [Found], _ dataset: Dataset
    ) -> CaseResult.Difference? {
        var left = found
        var missing: [PipelineCase.Reject] = []
        for reject in expected.items {
            let match = left.firstIndex { found in
                let field = reject.column.flatMap { dataset.column($0)?.field } ?? reject.column
                return (reject.line == nil || reject.line == found.line)
                    && (field == nil || field == found.column || reject.column == found.column)
                    && (reject.reason == nil || reject.reason == found.reason)
            }
            if let match { left.remove(at: match) } else { missing.append(reject) }
        }
        guard !left.isEmpty || !missing.isEmpty else { return nil }
        return CaseResult.Difference(
            place: missing.first?.place ?? expected.place,
            message: "\(dataset.name) has \(found.count) rejects, \(left.count) of them not as "
                + "expected; \(missing.count) of the \(expected.items.count) expected are missing",
            expected: missing.map { shown($0.line, $0.column, $0.reason) },
            found: left.map { shown($0.line, $0.column, $0.reason) + ": \($0.message)" })
    }

    private static func shown(_ line: Int?, _ column: String?, _ reason: String?) -> String {
        [
            line.map { "line: \($0)" }, column.map { "column: \($0)" },
            reason.map { "reason: \($0)" },
        ]
        .compactMap(\.self).joined(separator: ", ")
    }
}
