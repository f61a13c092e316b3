import Events
import Pipelines
import Postgres
import Warehouse

/// Why a batch must not be published, whatever its checks say.
struct Refusal: Error {
    let facts: BatchFacts
    /// One sentence each.
    let reasons: [String]

    /// Nil when there is no reason. Call it when the batch's rejects are in the warehouse.
    static func find(
        in facts: BatchFacts, _ dataset: Dataset, _ connection: PostgresConnection
    ) async throws -> Refusal? {
        let reasons = [
            emptiness(of: facts, dataset.load),
            try await shrinkage(of: facts, dataset.load, connection),
            try await excess(in: facts, dataset, connection),
        ].compactMap(\.self)
        return reasons.isEmpty ? nil : Refusal(facts: facts, reasons: reasons)
    }

    /// Writes it into the run, and drops the staging table. Call it in a transaction.
    func record(_ connection: PostgresConnection) async throws -> Run {
        let run = Run(facts, state: .refused, counts: facts.counts, reasons: reasons)
        try await Runs.record(run, connection)
        let staging = TableName.staging(facts.pipeline, facts.dataset, batch: facts.batch)
        try await connection.execute("drop table if exists \(staging.sql)")
        return run
    }

    /// What is said of a refused run. The ids are those that quality gives: who hears of it twice
    /// is told once.
    static func events(
        of run: Run, _ facts: BatchFacts, _ event: Event, _ source: String
    ) throws -> [Event] {
        let table = TableName.staging(facts.pipeline, facts.dataset, batch: facts.batch).name
        let refused = BatchRefused(facts: facts, table: table, reasons: run.reasons)
        let title = "\(facts.pipeline).\(facts.dataset)"
        let key = "refused:\(title)"
        let alert = AlertRaised(
            key: key, topic: "batch_refused", severity: .critical, pipeline: facts.pipeline,
            dataset: facts.dataset, batch: facts.batch, title: "\(title): batch refused",
            detail: (run.reasons + ["", "The table is as it was."]).joined(separator: "\n"),
            command: "millrace show \(facts.batch)")
        return [
            try Event(refused, id: "\(facts.batch).refused", from: source, after: event),
            try Event(alert, id: "\(facts.batch).\(key).raised", from: source, after: event),
        ]
    }

    private static func emptiness(of facts: BatchFacts, _ load: Load) -> String? {
        guard load.mode == .replace,
            !facts.objects.contains(where: { $0.isExtract(for: load) })
        else { return nil }
        let objects = facts.objects.prefix(3).map { object in
            let counts = object.counts
            let found =
                object.refusal
                ?? (counts.read == 0
                    ? "it has no records"
                    : "of \(counts.read) records \(counts.rejected) were rejected and "
                        + "\(counts.filtered) filtered")
            return "\(object.name.dropFirst(27)): \(found)"
        }
        let more = facts.objects.count > 3 ? "; and \(facts.objects.count - 3) more" : ""
        let hint =
            load.isNeverEmpty ? " (load.never_empty: false lets an empty extract empty it)" : ""
        return "an extract without rows does not empty the table\(hint): "
            + objects.joined(separator: "; ") + more
    }

    /// Compares the extract that would replace the table with the one that did so last.
    private static func shrinkage(
        of facts: BatchFacts, _ load: Load, _ connection: PostgresConnection
    ) async throws -> String? {
        let extracts = facts.objects.filter { $0.isExtract(for: load) }
        guard let most = load.maxShrink, load.mode == .replace,
            let extract = extracts.max(by: { $0.name < $1.name })
        else { return nil }
        let found = try await connection.query(
            """
            select published from millrace.extracts join millrace.ledger
                using (pipeline, dataset, object)
            where pipeline = $1 and dataset = $2 and object < $3
            """, [facts.pipeline, facts.dataset, extract.name])
        let (rows, last) = (extract.counts.kept, try found.first?.integer("published") ?? 0)
        guard Double(last - rows) * 100 > most * Double(last) else { return nil }
        let shown = rows == 1 ? "1 row" : "\(rows) rows"
        return "\(extract.name.dropFirst(27)) has \(shown), the extract before it had \(last), "
            + "and max_shrink is \(RejectLimit.percent(most).text); where that is right, apply a "
            + "larger one and hand the file over again"
    }

    private static func excess(
        in facts: BatchFacts, _ dataset: Dataset, _ connection: PostgresConnection
    ) async throws -> String? {
        let counts = facts.counts
        guard let limit = dataset.maxRejected, !limit.allows(counts.rejected, of: counts.read)
        else { return nil }
        let rows = try await connection.query(
            """
            select count(*) || ' ' || reason || coalesce(' in `' || "column" || '`', '') as words
            from millrace.rejects where batch = $1
            group by reason, "column" order by count(*) desc, reason, "column" limit 3
            """, [facts.batch.description])
        let words = try rows.map { try $0.text("words") }.joined(separator: ", ")
        return "\(counts.rejected) of \(counts.read) records were rejected, and max_rejected is "
            + "\(limit.text): \(words)"
    }
}
