import Foundation
import Pipelines
import Postgres

/// The models of a demo's pipeline, which are computed after the publish.
struct DemoModels: Sendable {
    private let pipeline: Pipeline
    private let warehouse: PostgresPool

    init(_ pipeline: Pipeline, _ warehouse: PostgresPool) {
        self.pipeline = pipeline
        self.warehouse = warehouse
    }

    /// Returns when each has seen every batch of the tables that it is made of, or after a while.
    func wait() async throws {
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(30)
        for model in pipeline.models {
            while try await !isFresh(model), clock.now < deadline {
                try await clock.sleep(for: .milliseconds(50))
            }
        }
    }

    private func isFresh(_ model: Model) async throws -> Bool {
        let sql = """
            select 1 from millrace.models as model
            where pipeline = $1 and model = $2 and not exists (
                select from millrace.runs as run
                where run.pipeline = $1 and run.state = 'published' and run.published > 0
                    and run.dataset in (select jsonb_array_elements_text($3::jsonb))
                    and not pg_visible_in_snapshot(run.published_in, model.snapshot))
            """
        let datasets = String(
            decoding: try JSONEncoder().encode(datasets(of: model)), as: UTF8.self)
        return try await !warehouse.query(sql, [pipeline.name, model.name, datasets]).isEmpty
    }

    /// The datasets that a model reads, through other models too.
    private func datasets(of model: Model) -> [String] {
        model.dependsOn.flatMap { name in
            pipeline.model(name).map { datasets(of: $0) } ?? [name]
        }
    }
}
