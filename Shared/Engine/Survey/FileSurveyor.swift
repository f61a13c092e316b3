import Events
import Foundation
import Lanes
import Pipelines
import Processes

/// Looks over a file that no pipeline describes yet: the engine reads it as texts and counts what
/// they could be.
public struct FileSurveyor: Sendable {
    public let engine: DuckDBEngine
    /// A folder of its own; what was read stays in it.
    public let scratch: String

    public init(engine: DuckDBEngine, scratch: String) {
        self.engine = engine
        self.scratch = scratch
    }

    /// Reads the whole file.
    ///
    /// - Throws: `SurveyError` for a file of which nothing can be said; `EngineError`.
    public func look(at path: String) async throws -> FileSurvey {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let plain = try await unpacked(path)
        let lane = Lane("survey")
        let layout = try await lane.run { try FileLayout(plain) }
        guard !layout.fields.isEmpty else {
            throw SurveyError("`\(name)` has no field with a name; Millrace needs a header line")
        }
        let report = try await engine.transform(job(layout, plain))
        if let refusal = report.objects.first?.refusal {
            throw SurveyError("`\(name)`: \(refusal)")
        }
        var survey = FileSurvey(
            format: layout.format, records: report.counts.kept, unreadable: report.counts.rejected,
            fields: layout.fields.map { field in
                var survey = FieldSurvey()
                survey.name = field.name
                survey.isNested = field.isNested
                return survey
            }, unusable: layout.unusable)
        if report.hasRows { try await fill(&survey) }
        return survey
    }

    /// For each group of fields, by their places, whether no two records have the same values.
    public func areUnique(_ groups: [[Int]]) async throws -> [Bool] {
        guard !groups.isEmpty else { return [] }
        let tests = groups.map { group in
            let values = group.map { "trim(f\($0))" }.joined(separator: ", ")
            return "count(*) = count(DISTINCT (\(values)))"
        }
        let sql = """
            SET memory_limit = '\(engine.limits.memoryMegabytes)MiB';
            SELECT concat_ws(' ', \(tests.joined(separator: ", ")))
            FROM \(DuckDBDialect.parquet([texts]));
            """
        let lines = try await run(sql)
        return lines.last?.split(separator: " ").map { $0 == "true" } ?? []
    }

    private var texts: String { "\(scratch)/texts.parquet" }

    private func fill(_ survey: inout FileSurvey) async throws {
        let target = "\(scratch)/fields.json"
        let script = SurveyScript(texts: texts, target: target, limits: engine.limits)
        _ = try await run(script.text)
        struct Place: Decodable { let field: String }
        let decoder = JSONDecoder()
        for line in try String(contentsOfFile: target, encoding: .utf8).split(separator: "\n") {
            let bytes = Data(line.utf8)
            let place = try decoder.decode(Place.self, from: bytes).field.dropFirst()
            guard let index = Int(place) else { continue }
            let known = survey.fields[index]
            survey.fields[index] = try decoder.decode(FieldSurvey.self, from: bytes)
            survey.fields[index].name = known.name
            survey.fields[index].isNested = known.isNested
        }
    }

    private func job(_ layout: FileLayout, _ path: String) -> TransformJob {
        let columns = layout.fields.enumerated().map { index, field in
            Column(
                name: "f\(index)", field: field.name, type: field.isNested ? .json : .text,
                isOptional: true, nulls: [])
        }
        let source = FilesSource(path: "", patterns: [], settleMilliseconds: 0)
        let dataset = Dataset(
            name: "survey", source: .files(source), format: layout.format, columns: columns,
            contract: Contract(newColumns: .discardValue), transform: nil,
            load: Load(mode: .append, key: [], newestBy: nil), checks: [])
        return TransformJob(
            dataset: dataset, objects: [InputObject(name: "file", location: path)],
            processed: texts, rejects: "\(scratch)/rejects.parquet", scratch: scratch)
    }

    private func run(_ sql: String) async throws -> [String] {
        let path = "\(scratch)/survey.sql"
        try Data(sql.utf8).write(to: URL(filePath: path))
        do {
            return try await DuckDBProgram(program: engine.program, limits: engine.limits).run(path)
        } catch let failure as DuckDBProgram.Failure {
            throw EngineError(.crashed, "the survey failed: \(failure.message)")
        }
    }

    private func unpacked(_ path: String) async throws -> String {
        let packing = try await Lane("survey").run {
            do {
                return try MappedFile.read(path) { try Inspection.packing(of: $0) }
            } catch let refusal as Refusal {
                throw SurveyError(refusal.message)
            }
        }
        if packing == .none { return URL(filePath: path).path }
        let target = "\(scratch)/unpacked"
        let program = packing == .gzip ? "gzip" : "zstd"
        let result = try await Processes.run(
            Command(
                program, ["-dc", "--", path], output: .file(target), timeLimit: engine.limits.time))
        guard result.isSuccess else {
            throw SurveyError("the file cannot be unpacked: \(result.errorText.trimmed)")
        }
        return target
    }
}
