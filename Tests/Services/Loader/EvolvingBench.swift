import Engine
import Events
import Foundation
import Kit
import Lake
import Pipelines
import Warehouse

@testable import loader

extension Pipeline {
    /// One dataset `shop.days` under a contract.
    static func days(
        _ contract: Contract, columns: [Column] = [.of("id", .text)], key: [String] = ["id"]
    ) -> Pipeline {
        let dataset = Dataset(
            name: "days",
            source: .files(FilesSource(path: "in", patterns: ["*"], settleMilliseconds: 100)),
            format: .byName(CSVFormat()), columns: columns, contract: contract, transform: nil,
            load: Load(mode: key.isEmpty ? .append : .merge, key: key, newestBy: nil), checks: [])
        return Pipeline(
            name: "shop", description: nil, schema: "shop", parameters: [], datasets: [dataset],
            models: [])
    }
}

extension Column {
    static func of(_ name: String, _ type: ColumnType, field: String? = nil) -> Column {
        Column(name: name, field: field ?? name, type: type)
    }
}

extension Rig {
    /// What a transformer makes of files, on the real engine.
    func transform(
        _ files: [(name: String, text: Data)], of pipeline: Pipeline
    ) async throws -> BatchFacts {
        let revision = try await catalog.apply(pipeline)
        let dataset = pipeline.datasets[0]
        let (batch, date) = (ULID(), Date())
        return try await withFolder { folder in
            try FileManager.default.createDirectory(
                atPath: "\(folder)/scratch", withIntermediateDirectories: true)
            let objects = try files.enumerated().map { index, file in
                let path = "\(folder)/\(index)-\(file.name)"
                try file.text.write(to: URL(filePath: path))
                return InputObject(name: file.name, location: path)
            }
            let job = TransformJob(
                dataset: dataset, objects: objects, processed: "\(folder)/processed.parquet",
                rejects: "\(folder)/rejects.parquet", scratch: "\(folder)/scratch")
            let report = try await DuckDBEngine(program: Self.program ?? "duckdb").transform(job)
            var facts = BatchFacts(
                pipeline: pipeline.name, revision: revision, dataset: dataset.name, batch: batch,
                objects: zip(files, report.objects).map { file, found in
                    BatchObject(
                        name: "\(ULID())-\(file.name)", bytes: file.text.count, sha256: nil,
                        counts: found.counts, refusal: found.refusal, times: [.landed: date],
                        refusalReason: found.reason?.rawValue, notes: found.notes,
                        children: found.children.isEmpty ? nil : found.children)
                }, processed: nil, rejects: nil, times: [.transformed: date],
                evolved: report.evolved.isEmpty ? nil : report.evolved)
            if report.hasRows {
                let key = LakeKeys.processed(pipeline.name, dataset.name, batch: batch, at: date)
                try await lake.put(fileAt: job.processed, at: key)
                facts.processed = key
            }
            if report.hasRejects {
                let key = LakeKeys.rejects(pipeline.name, dataset.name, batch: batch, at: date)
                try await lake.put(fileAt: job.rejects, at: key)
                facts.rejects = key
            }
            return facts
        }
    }

    func transform(_ text: String, of pipeline: Pipeline) async throws -> BatchFacts {
        try await transform([("days.csv", Data(text.utf8))], of: pipeline)
    }

    /// The columns of `shop.days` with their types, by name.
    func days() async throws -> [String] {
        try await values(
            """
            select attname || ' ' || format_type(atttypid, atttypmod) from pg_attribute
            where attrelid = to_regclass('shop.days') and attnum > 0 and not attisdropped
                and attname <> '_source_id' order by attname
            """
        ).compactMap(\.self)
    }

    /// Rows of `shop.days` as texts; the expression is SQL over them.
    func days(_ expression: String) async throws -> [String] {
        try await values(
            "select coalesce((\(expression))::text, '~') from shop.days order by id"
        ).compactMap(\.self)
    }
}
