import Engine
import Events
import Foundation
import Lake
import Pipelines
import Service
import Telemetry

/// The transformer's core: an object has landed, so a batch gets transformed.
struct Transforming: EventHandler {
    let lake: any ObjectStore
    let catalog: PipelineCatalog
    let engine: any Engine
    let context: ServiceContext

    func handle(_ event: Event) async throws -> [Event] {
        let landed: ObjectLanded = try event.payload()
        let prefix = LakeKeys.landingPrefix(landed.pipeline, landed.dataset)
        guard landed.object.hasPrefix(prefix), let batch = LakeKeys.landed(landed.object)?.id else {
            throw HandlingError(
                .poison, "event.object",
                "`\(landed.object)` is no landing key of \(landed.pipeline).\(landed.dataset)")
        }
        guard let facts = try await facts(of: landed, batch: batch) else { return [] }
        return [
            try Event(
                BatchTransformed(facts: facts), id: "\(batch).transformed", from: context.source,
                after: event)
        ]
    }

    /// Nil when the object belongs to another batch.
    private func facts(of landed: ObjectLanded, batch: ULID) async throws -> BatchFacts? {
        let manifest = Manifest(
            lake: lake, key: LakeKeys.manifest(landed.pipeline, landed.dataset, batch: batch))
        if let facts = try await manifest.facts() { return facts }
        // Looked up before anything is taken: what nobody can treat stays in the landing zone.
        var dataset = try await dataset(of: landed, revision: landed.revision)
        let claiming = Claiming(lake: lake)
        guard let claim = try await claiming.objects(of: landed, batch: batch) else { return nil }
        if claim.revision != landed.revision {
            dataset = try await self.dataset(of: landed, revision: claim.revision)
        }
        let facts = try await transform(claim, landed, dataset, batch)
        report(facts)
        return try await manifest.settle(facts)
    }

    private func dataset(of landed: ObjectLanded, revision: String) async throws -> Dataset {
        let pipeline = try await catalog.pipeline(landed.pipeline, revision: revision)
        guard let dataset = pipeline.dataset(landed.dataset) else {
            throw HandlingError(
                .permanent, "pipeline.unknown_dataset",
                "pipeline \(landed.pipeline), revision \(revision), has no dataset "
                    + "`\(landed.dataset)`")
        }
        return dataset
    }

    private func transform(
        _ claim: Claim, _ landed: ObjectLanded, _ dataset: Dataset, _ batch: ULID
    ) async throws -> BatchFacts {
        let prefix = LakeKeys.workingPrefix(landed.pipeline, landed.dataset, batch: batch)
        let objects = claim.objects.map { object in
            InputObject(
                name: String(object.name.dropFirst(27)),
                location: lake.location(of: prefix + object.name))
        }
        return try await Workplace.with(lake) { place in
            let report = try await engine.transform(
                TransformJob(
                    dataset: dataset, objects: objects, processed: place.processed,
                    rejects: place.rejects, scratch: place.scratch))
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

    private func facts(
        _ claim: Claim, _ report: TransformReport, _ landed: ObjectLanded, _ batch: ULID
    ) -> BatchFacts {
        let steps: StepTimes = [.claimed: claim.claimedAt, .transformed: Date()]
        func done(_ times: StepTimes) -> StepTimes { times.merging(steps) { _, new in new } }
        let objects = zip(claim.objects, report.objects).map { object, found in
            BatchObject(
                name: object.name, bytes: object.bytes, sha256: object.sha256,
                counts: found.counts, refusal: found.refusal, times: done(object.times))
        }
        return BatchFacts(
            pipeline: landed.pipeline, revision: claim.revision, dataset: landed.dataset,
            batch: batch, objects: objects, processed: nil, rejects: nil,
            times: done(landed.times))
    }

    private func report(_ facts: BatchFacts) {
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
