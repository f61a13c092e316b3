import Events
import Foundation
import Lake
import Pipelines
import Postgres
import Warehouse

/// What is to be asked for when a run is replayed; refuses what cannot be done.
struct ReplayPlan {
    let run: Run
    let stage: ReplayStage
    let context: StackContext
    let pool: PostgresPool

    /// - Parameter isCurrent: With the current revision, not with the run's own.
    /// - Throws: `CommandError` that says why the run cannot be replayed.
    func request(isCurrent: Bool) async throws -> ReplayRequested {
        try await checkRun()
        let (revision, pipeline) = try await pipeline(isCurrent: isCurrent)
        try checkDataset(in: pipeline, revision)
        let lake = try context.lake()
        let manifest = LakeKeys.manifest(run.pipeline, run.dataset, batch: run.batch)
        guard let facts = try await lake.facts(at: manifest) else {
            throw refusal("the lake has no manifest of it, so nobody knows what it was made of")
        }
        try await checkRecords(facts)
        switch stage {
        case .transform: try await checkRaw(facts, lake)
        case .load: try await checkProcessed(facts, revision, lake)
        }
        return ReplayRequested(
            pipeline: run.pipeline, dataset: run.dataset, batch: ULID(), of: run.batch,
            from: stage, revision: revision, requestedAt: Date())
    }

    private func checkRun() async throws {
        guard run.state.isFinal else {
            throw refusal(
                "it is still on its way (\(run.state.rawValue))", exit: .transient,
                try: "millrace show \(run.batch)\(context.dataFlag)")
        }
        // Only the newest run of an object has something in the table to replace.
        guard run.state == .published,
            let later = try await Runs(pool).replay(of: run.batch), later.state == .published
        else { return }
        throw refusal(
            "run \(later.batch) has replaced it", exit: .usage,
            try: "millrace replay \(later.batch)\(context.dataFlag)")
    }

    private func pipeline(isCurrent: Bool) async throws -> (String, Pipeline) {
        let catalog = try context.catalog()
        guard isCurrent else {
            return (run.revision, try await catalog.pipeline(run.pipeline, revision: run.revision))
        }
        guard let current = try await catalog.current(run.pipeline) else {
            throw refusal("no pipeline `\(run.pipeline)` is applied any more", exit: .usage)
        }
        return current
    }

    private func checkDataset(in pipeline: Pipeline, _ revision: String) throws {
        guard let dataset = pipeline.dataset(run.dataset) else {
            throw refusal(
                "revision \(revision) of \(run.pipeline) has no dataset `\(run.dataset)`",
                exit: .usage)
        }
        guard dataset.load.isReplayable else {
            let reason =
                dataset.load.mode == .replace
                ? "each file is the whole table" : "a key's versions come from many runs"
            throw refusal(
                "with load mode `\(dataset.load.mode.rawValue)` \(reason); hand the file over "
                    + "again", exit: .usage,
                try: "millrace put \(run.pipeline) \(run.dataset) FILE --again\(context.dataFlag)")
        }
    }

    /// Rejected records that went the way again in objects of their own would come twice.
    private func checkRecords(_ facts: BatchFacts) async throws {
        for object in facts.objects {
            let again = try await pool.query(
                """
                select from millrace.replays
                where pipeline = $1 and dataset = $2 and root = $3 limit 1
                """, [run.pipeline, run.dataset, object.name])
            if again.isEmpty { continue }
            throw refusal(
                "rejects of \(object.name) were replayed by themselves, and would come twice",
                exit: .usage)
        }
    }

    private func checkRaw(_ facts: BatchFacts, _ lake: any ObjectStore) async throws {
        let keys = try await lake.rawKeys(of: facts)
        let gone = zip(facts.objects, keys).filter { $0.1 == nil }.map(\.0.name)
        guard let first = gone.first else { return }
        let others = gone.count > 1 ? " (and \(gone.count - 1) more)" : ""
        let hasRows = try await hasProcessed(facts, lake)
        throw refusal(
            "retention has removed the raw object \(first)\(others) from the lake",
            try: hasRows
                ? "millrace replay \(run.batch) --from load\(context.dataFlag)"
                : "millrace put \(run.pipeline) \(run.dataset) FILE --again\(context.dataFlag)")
    }

    private func checkProcessed(
        _ facts: BatchFacts, _ revision: String, _ lake: any ObjectStore
    ) async throws {
        guard revision == facts.revision else {
            throw refusal(
                "its typed rows have the columns of revision \(facts.revision); only "
                    + "`--from transform` can use another", exit: .usage,
                try: "millrace replay \(run.batch) --current\(context.dataFlag)")
        }
        guard try await hasProcessed(facts, lake) else {
            throw refusal(
                "the lake has no typed rows of it",
                try: "millrace replay \(run.batch) --from transform\(context.dataFlag)")
        }
    }

    // Not inlined: the optimiser of Swift 6.3 crashes on a typed error that becomes an untyped one
    // inside an async function.
    @inline(never)
    private func hasProcessed(_ facts: BatchFacts, _ lake: any ObjectStore) async throws -> Bool {
        guard let key = facts.processed else { return false }
        return try await lake.info(key) != nil
    }

    private func refusal(
        _ why: String, exit: ExitCode = .failed, try remedy: String? = nil
    ) -> CommandError {
        CommandError(
            "run \(run.batch) cannot be replayed: \(why)", exit: exit,
            try: remedy ?? "millrace show \(run.batch)\(context.dataFlag)")
    }
}
