import Foundation
import Postgres

/// What a person asks first about an alert's run: what is other than in the last good one, and a
/// few of the records that were rejected.
struct RunFacts {
    let connection: PostgresConnection

    /// Lines for the alert's detail; none where it is about no run.
    func lines(of alert: Alert) async throws -> [String] {
        guard alert.kind == .raised, let batch = alert.batch, alert.topic != "run_succeeded"
        else { return [] }
        var lines = try await changes(batch)
        if Self.showsRejects.contains(alert.topic) {
            let samples = try await samples(batch)
            if !samples.isEmpty { lines += ["", "Rejected, for example:"] + samples }
        }
        return lines
    }

    private static let showsRejects: Set = [
        "batch_refused", "contract_broken", "rejects_over", "run_failed",
    ]

    private func changes(_ batch: String) async throws -> [String] {
        let sql = """
            select now_run.revision, now_run.read, now_run.rejected, good.batch as good_batch,
                good.revision as good_revision, good.read as good_read,
                good.rejected as good_rejected, (
                    select string_agg(change, '; ' order by version, place)
                    from (select * from millrace.schema_versions as v
                        where v.pipeline = now_run.pipeline and v.dataset = now_run.dataset
                            and v.changed_at > good.updated_at
                        order by version limit 5) as v,
                        unnest(changes) with ordinality as c (change, place)) as columns
            from millrace.runs as now_run left join lateral (
                select * from millrace.runs as earlier
                where earlier.pipeline = now_run.pipeline and earlier.dataset = now_run.dataset
                    and earlier.state = 'published' and earlier.batch <> now_run.batch
                    and earlier.started_at <= now_run.started_at
                    and (earlier.read = 0 or earlier.rejected < earlier.read)
                order by earlier.started_at desc limit 1) as good on true
            where now_run.batch = $1
            """
        guard let row = try await connection.query(sql, [batch]).first else { return [] }
        guard let good = row["good_batch"] else {
            return ["", "No run of it has been published before."]
        }
        var lines: [String] = []
        func compare(_ what: String, _ before: String?, _ now: String?) {
            guard before != now else { return }
            lines.append("  \(what): \(before ?? "none"), now \(now ?? "none")")
        }
        compare("revision", row["good_revision"], row["revision"])
        compare("records read", row["good_read"], row["read"])
        compare("rejects", row["good_rejected"], row["rejected"])
        if let columns = row["columns"] { lines.append("  columns: \(columns)") }
        return lines.isEmpty
            ? ["", "Nothing is other than in the last good run, \(good), but the data."]
            : ["", "Since the last good run, \(good):"] + lines
    }

    /// Of data with personal columns, messages of rejects hold no values.
    private func samples(_ batch: String) async throws -> [String] {
        let sql = """
            select coalesce('line ' || line || ': ', '') || coalesce("column" || ': ', '')
                || reason || ': ' || message as text
            from millrace.rejects where batch = $1 order by reject_id limit 5
            """
        return try await connection.query(sql, [batch]).map { row in
            let text = try row.text("text")
            let flat = text.split { $0.isWhitespace || $0.isNewline }.joined(separator: " ")
            return "  " + (flat.count > 160 ? flat.prefix(159) + "…" : flat)
        }
    }
}
