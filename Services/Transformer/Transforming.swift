import Engine
import Events
import Foundation
import Lake
import Pipelines
import Service
import Telemetry

/// The transformer's core: an object has landed, or a batch is asked for again, so a batch gets
/// transformed.
struct Transforming: EventHandler {
    let lake: any ObjectStore
    let catalog: PipelineCatalog
    let engine: any Engine
    let context: ServiceContext

    func handle(_ event: Event) async throws -> [Event] {
        switch event.kind {
        case .replayRequested:
            return [try said(try await replay(try event.payload()), after: event)]
        case .runDue:
            return try await run(try event.payload()).map { try said($0, after: event) }
        default:
            return try await landed(try event.payload()).map { [try said($0, after: event)] } ?? []
        }
    }

    /// What follows from an object that has landed; nil when another batch has it, or waits for it.
    private func landed(_ landed: ObjectLanded) async throws -> BatchFacts? {
        let prefix = LakeKeys.landingPrefix(landed.pipeline, landed.dataset)
        guard landed.object.hasPrefix(prefix), let batch = LakeKeys.landed(landed.object)?.id else {
            throw HandlingError(
                .poison, "event.object",
                "`\(landed.object)` is no landing key of \(landed.pipeline).\(landed.dataset)")
        }
        let pipeline = try await catalog.pipeline(landed.pipeline, revision: landed.revision)
        // It lies in the landing zone until its pipeline's run is due.
        guard pipeline.trigger == nil else { return nil }
        return try await facts(of: landed, batch: batch)
    }

    func confirmed(_ event: Event) async throws {
        switch event.kind {
        case .replayRequested:
            let request: ReplayRequested = try event.payload()
            _ = try await letGo(request.pipeline, request.dataset, request.batch)
        case .runDue:
            let run: RunDue = try event.payload()
            var number = 0
            while try await letGo(run.pipeline, run.dataset, run.batch(number)) { number += 1 }
        default:
            let landed: ObjectLanded = try event.payload()
            guard let batch = LakeKeys.landed(landed.object)?.id else { return }
            _ = try await letGo(landed.pipeline, landed.dataset, batch)
        }
    }

    /// Nobody has to go on with a batch that is transformed.
    ///
    /// - Returns: False when it is not.
    private func letGo(_ pipeline: String, _ dataset: String, _ batch: ULID) async throws -> Bool {
        guard
            try await lake.info(LakeKeys.manifest(pipeline, dataset, batch: batch)) != nil
        else { return false }
        try await lake.delete([LakeKeys.claim(pipeline, dataset, batch: batch)])
        return true
    }

    private func said(_ facts: BatchFacts, after event: Event) throws -> Event {
        try Event(
            BatchTransformed(facts: facts), id: "\(facts.batch).transformed", from: context.source,
            after: event)
    }

    /// Nil when the object belongs to another batch.
    func facts(
        of landed: ObjectLanded, batch: ULID, due: RunDue? = nil
    ) async throws -> BatchFacts? {
        let manifest = Manifest(
            lake: lake, key: LakeKeys.manifest(landed.pipeline, landed.dataset, batch: batch))
        if let facts = try await manifest.facts() { return try await keepRefused(facts) }
        // Looked up before anything is taken: what nobody can treat stays in the landing zone.
        var dataset = try await dataset(
            landed.dataset, of: landed.pipeline, revision: landed.revision)
        let claiming = Claiming(lake: lake)
        guard let claim = try await claiming.objects(of: landed, batch: batch, due: due) else {
            return nil
        }
        if claim.revision != landed.revision {
            dataset = try await self.dataset(
                landed.dataset, of: landed.pipeline, revision: claim.revision)
        }
        let facts = try await transform(
            Work(landed: landed, batch: batch, claim: claim, dataset: dataset))
        report(facts)
        return try await keepRefused(try await manifest.settle(facts))
    }

    /// Moves raw objects that were refused as a whole to the quarantine, where they are kept.
    private func keepRefused(_ facts: BatchFacts) async throws -> BatchFacts {
        let prefix = LakeKeys.workingPrefix(facts.pipeline, facts.dataset, batch: facts.batch)
        let claimedAt = facts.times[.claimed] ?? Date()
        for object in facts.objects where object.refusal != nil {
            let target = LakeKeys.refused(
                facts.pipeline, facts.dataset, at: claimedAt, name: object.name)
            // False when that was done before.
            _ = try await lake.move(prefix + object.name, to: target)
        }
        return facts
    }

    func dataset(
        _ name: String, of pipeline: String, revision: String
    ) async throws -> Dataset {
        guard
            let dataset = try await catalog.pipeline(pipeline, revision: revision).dataset(name)
        else {
            throw HandlingError(
                .permanent, "pipeline.unknown_dataset",
                "pipeline \(pipeline), revision \(revision), has no dataset `\(name)`")
        }
        return dataset
    }

    /// - Parameter guilty: Objects that are not given to the engine, by name, and what it said
    ///   when it was.
    func transform(_ work: Work, refusing guilty: [String: String]) async throws -> BatchFacts {
        let (claim, landed, batch) = (work.claim, work.landed, work.batch)
        let objects = claim.objects.map { object in
            var input = input(object, of: work)
            input.refusal = guilty[object.name].map { "the engine dies of this object: \($0)" }
            return input
        }
        return try await Workplace.with(lake, batch) { place in
            let report = try await engine.transform(job(work, objects, in: place))
            var facts = facts(claim, report, landed, batch)
            if report.hasRows {
                let key = LakeKeys.processed(
                    landed.pipeline, landed.dataset, batch: batch, at: claim.claimedAt)
                try await lake.put(fileAt: place.processed, at: key)
                facts.processed = key
            }
            if report.hasRejects {
                let key = LakeKeys.rejects(
                    landed.pipeline, landed.dataset, batch: batch, at: claim.claimedAt)
                try await lake.put(fileAt: place.rejects, at: key)
                facts.rejects = key
            }
            return facts
        }
    }

    func input(_ object: Claim.Object, of work: Work) -> InputObject {
        InputObject(
            name: String(object.name.dropFirst(27)),
            location: lake.location(of: work.key(of: object)))
    }

    func job(_ work: Work, _ objects: [InputObject], in place: Workplace) -> TransformJob {
        TransformJob(
            dataset: work.dataset, objects: objects, processed: place.processed,
            rejects: place.rejects, scratch: place.scratch)
    }

    private func facts(
        _ claim: Claim, _ report: TransformReport, _ landed: ObjectLanded, _ batch: ULID
    ) -> BatchFacts {
        let steps: StepTimes = [.claimed: claim.claimedAt, .transformed: Date()]
        func done(_ times: StepTimes) -> StepTimes { times.merging(steps) { _, new in new } }
        let objects = zip(claim.objects, report.objects).map { object, found in
            BatchObject(
                name: object.name, bytes: object.bytes, sha256: object.sha256,
                counts: found.counts, refusal: found.refusal, times: done(object.times),
                refusalReason: found.reason?.rawValue,
                notes: found.notes.isEmpty ? nil : found.notes,
                children: found.children.isEmpty ? nil : found.children)
        }
        return BatchFacts(
            pipeline: landed.pipeline, revision: claim.revision, dataset: landed.dataset,
            batch: batch, objects: objects, processed: nil, rejects: nil,
            times: done(landed.times),
            evolved: report.evolved.isEmpty ? nil : report.evolved, replay: claim.replay,
            due: claim.due?.due)
    }

    func report(_ facts: BatchFacts) {
        let counts = facts.counts
        let labels = ["pipeline": facts.pipeline, "dataset": facts.dataset]
        let name = "millrace_transformed_records_total"
        let outcomes = [
            ("kept", counts.kept), ("superseded", counts.superseded),
            ("filtered", counts.filtered), ("rejected", counts.rejected),
        ]
        for (outcome, count) in outcomes {
            context.metrics.add(
                Double(count), to: name, labels.merging(["outcome": outcome]) { old, _ in old },
                help: "Records that went through the transformer, by what became of them.")
        }
        context.log.info(
            "batch transformed",
            [
                "batch": facts.batch.description, "dataset": "\(facts.pipeline).\(facts.dataset)",
                "objects": "\(facts.objects.count)", "records.read": "\(counts.read)",
                "records.rejected": "\(counts.rejected)",
            ])
    }
}
