import Foundation
import Lake
import Pipelines
import Postgres
import Warehouse

/// Finds out what there is of a pipeline, from keys, the ledger and the warehouse's own catalog: no
/// data is read.
struct CatalogReader {
    let pipeline: Pipeline
    let revision: String
    let lake: any ObjectStore
    let pool: PostgresPool

    /// The datasets and models, or the one of that name.
    func entries(_ name: String?) async throws -> [CatalogEntry] {
        let found = try await pool.transaction { connection in
            try await QueryWarehouse.restrict(connection, seconds: 60)
            return try await find(connection)
        }
        var entries: [CatalogEntry] = []
        for dataset in pipeline.datasets where name == nil || dataset.name == name {
            var zones: [LakeFolder] = []
            for zone in Zone.allCases {
                zones.append(try await LakeFolder(zone, pipeline.name, dataset.name, lake))
            }
            entries.append(
                entry(
                    dataset, found.live[dataset.name], found.published[dataset.name], zones))
        }
        for dataset in pipeline.datasets {
            for child in dataset.tablesOfChildren where name == nil || child.name == name {
                let publishedAt = found.published[dataset.name]
                entries.append(entry(child, found.live[child.name], publishedAt, [], .child))
            }
        }
        for model in pipeline.models where name == nil || model.name == name {
            entries.append(entry(model, found.live[model.name], found.refreshed[model.name]))
        }
        return entries
    }

    private struct Found: Sendable {
        let live: LiveTables
        /// When rows of each dataset were published last, and each model was computed.
        let published: [String: Date]
        let refreshed: [String: Date]
    }

    private func find(_ connection: PostgresConnection) async throws -> Found {
        Found(
            live: try await LiveTables(of: pipeline.schema, connection),
            published: try await published(connection),
            refreshed: try await refreshed(connection))
    }

    private func entry(
        _ dataset: Dataset, _ live: LiveTables.Table?, _ publishedAt: Date?, _ zones: [LakeFolder],
        _ kind: CatalogEntry.Kind = .dataset
    ) -> CatalogEntry {
        let types = Dictionary(live?.columns ?? []) { first, _ in first }
        let key = dataset.load.key.joined(separator: ", ")
        let load = dataset.load.mode.rawValue + (key.isEmpty ? "" : " by \(key)")
        let declared = dataset.columns.map { column in
            CatalogEntry.Column(
                name: column.name, type: column.type.rawValue, warehouse: types[column.name],
                required: column.isRequired)
        }
        return CatalogEntry(
            pipeline: pipeline.name, name: dataset.name, kind: kind, revision: revision,
            load: kind == .child ? "with its records, by \(key)" : load,
            schedule: pipeline.trigger?.text,
            columns: declared + others(live, than: dataset.columns.map(\.name)),
            table: "\(pipeline.schema).\(dataset.name)", rows: live?.rows,
            tableBytes: live?.bytes, publishedAt: publishedAt, zones: zones)
    }

    private func entry(_ model: Model, _ live: LiveTables.Table?, _ refreshedAt: Date?)
        -> CatalogEntry
    {
        CatalogEntry(
            pipeline: pipeline.name, name: model.name, kind: .model, revision: revision, load: nil,
            schedule: nil,
            columns: others(live, than: []), table: "\(pipeline.schema).\(model.name)",
            rows: live?.rows,
            tableBytes: live?.bytes, publishedAt: refreshedAt, zones: [])
    }

    /// The columns that no revision declares: a model's, and those that data has brought.
    private func others(
        _ live: LiveTables.Table?, than names: [String]
    ) -> [CatalogEntry.Column] {
        (live?.columns ?? []).filter { !$0.name.hasPrefix("_") && !names.contains($0.name) }.map {
            CatalogEntry.Column(name: $0.name, type: nil, warehouse: $0.type, required: false)
        }
    }

    private func published(_ connection: PostgresConnection) async throws -> [String: Date] {
        try await dates(
            """
            select dataset as name, extract(epoch from max(committed_at)) as at
            from millrace.ledger where pipeline = $1 group by dataset
            """, connection)
    }

    private func refreshed(_ connection: PostgresConnection) async throws -> [String: Date] {
        try await dates(
            """
            select model as name, extract(epoch from max(refreshed_at)) as at
            from millrace.models where pipeline = $1 group by model
            """, connection)
    }

    private func dates(
        _ sql: String, _ connection: PostgresConnection
    ) async throws -> [String: Date] {
        var dates: [String: Date] = [:]
        for row in try await connection.query(sql, [pipeline.name]) {
            dates[try row.text("name")] = Double(try row.text("at")).map {
                Date(timeIntervalSince1970: $0)
            }
        }
        return dates
    }
}

extension Trigger {
    /// For people.
    var text: String {
        switch when {
        case .cron(let cron, let zone): "\(cron.text) (\(zone))"
        case .every(let seconds): "every \(TimeText.period(seconds))"
        }
    }
}
