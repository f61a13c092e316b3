import Events
import Foundation
import Lake
import Pipelines
import Postgres
import Service
import Telemetry

/// Removes what pipelines do not want to keep any longer: old Parquet, old refused objects, old
/// rejects. Of a batch nothing goes before its run has ended.
///
/// A pass does a bounded amount of work; the next one goes on.
struct LakeRetention: Sendable {
    let lake: any ObjectStore
    let catalog: PipelineCatalog
    let pool: PostgresPool
    let context: ServiceContext

    /// The most objects of a zone, and the most rejects, that one pass removes of a pipeline.
    static let limit = 1_000

    /// Removes what is old now.
    func round(now: Date = Date()) async throws {
        for name in try await catalog.names() {
            guard let retention = try await catalog.current(name)?.pipeline.retention else {
                continue
            }
            if let age = retention.processed {
                try await clean(.processed, name, before: now - Double(age))
            }
            if let age = retention.quarantine {
                try await clean(.quarantine, name, before: now - Double(age))
            }
            if let age = retention.rejects {
                note("rejects", name, try await rejects(of: name, before: now - Double(age)))
            }
        }
    }

    private func clean(_ zone: Zone, _ pipeline: String, before oldest: Date) async throws {
        var old: [ObjectInfo] = []
        var marker: String?
        repeat {
            let page = try await lake.list(
                prefix: "\(zone)/\(pipeline)/", after: marker, limit: 1_000)
            old += page.filter { $0.modifiedAt < oldest && !$0.key.contains("/manifests/") }
            marker = page.count < 1_000 ? nil : page.last?.key
        } while marker != nil && old.count < Self.limit
        let ended = try await ended(old.prefix(Self.limit).map(\.key), pipeline)
        try await lake.delete(ended)
        note(zone.rawValue, pipeline, ended.count)
    }

    /// Those that no run needs any more: a batch's own when its run has ended and no replay reads
    /// them; raw objects, which are not named after a batch, were refused by one as old.
    private func ended(_ keys: [String], _ pipeline: String) async throws -> [String] {
        if keys.isEmpty { return [] }
        let batches = keys.compactMap(Self.batch)
        let ended = try await pool.query(
            """
            select batch from millrace.runs where state in ('published', 'refused')
                and batch in (select jsonb_array_elements_text($1::jsonb))
            """, [try Self.text(batches)])
        let busy = try await pool.query(
            """
            select processed from millrace.runs where pipeline = $1 and processed is not null
                and state not in ('published', 'refused')
            """, [pipeline])
        let (done, files) = (
            Set(ended.compactMap { $0["batch"] }), Set(busy.compactMap { $0["processed"] })
        )
        return keys.filter { key in
            !files.contains(key) && Self.batch(of: key).map(done.contains) ?? true
        }
    }

    /// The batch that an object is named after: `<batch>.parquet`, `<batch>.rejects.parquet`.
    private static func batch(of key: String) -> String? {
        let name = key.split(separator: "/").last ?? ""
        return name.dropFirst(26).first == "." ? String(name.prefix(26)) : nil
    }

    private static func text(_ value: [String]) throws -> String {
        String(decoding: try EventJSON.encode(value), as: UTF8.self)
    }

    private func rejects(of pipeline: String, before oldest: Date) async throws -> Int {
        try await pool.with { connection in
            try await connection.run(
                """
                delete from millrace.rejects where reject_id in (
                    select reject_id from millrace.rejects
                    where pipeline = $1 and rejected_at < to_timestamp($2::double precision)
                    order by reject_id limit \(Self.limit))
                """, [pipeline, "\(oldest.timeIntervalSince1970)"])
        }
    }

    private func note(_ what: String, _ pipeline: String, _ count: Int) {
        guard count > 0 else { return }
        context.metrics.add(
            Double(count), to: "millrace_retention_removed_total",
            ["pipeline": pipeline, "what": what],
            help: "Objects and rejects that were older than their pipeline wants to keep them.")
        context.log.info(
            "old past removed", ["pipeline": pipeline, "what": what, "count": "\(count)"])
    }
}
