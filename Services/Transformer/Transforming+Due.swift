import Events
import Lake
import Service

extension Transforming {
    /// Transforms what lies in the landing zone of a dataset whose run is due, in as many batches
    /// as it takes.
    ///
    /// The batches' ids follow from the due time, so that a run that is said again gives the same.
    func run(_ run: RunDue) async throws -> [BatchFacts] {
        let marks = RunMarks(lake: lake)
        var batches: [BatchFacts] = []
        while true {
            let batch = run.batch(batches.count)
            guard let landed = try await waiting(run, batch) else { break }
            if !batches.isEmpty { try await marks.begin(run.pipeline, batch) }
            guard let facts = try await facts(of: landed, batch: batch, due: run) else { break }
            batches.append(facts)
        }
        // The one that nothing was left for.
        try await marks.end(run.pipeline, run.batch(batches.count))
        return batches
    }

    /// The event of the object that a batch begins with; nil when nothing is left for it.
    private func waiting(_ run: RunDue, _ batch: ULID) async throws -> ObjectLanded? {
        let claimKey = LakeKeys.claim(run.pipeline, run.dataset, batch: batch)
        let manifest = LakeKeys.manifest(run.pipeline, run.dataset, batch: batch)
        var first = try await lake.facts(at: manifest)?.objects.first?.name
        if first == nil {
            first = try await Claiming(lake: lake).written(at: claimKey)?.objects.first?.landing
        }
        if first == nil { first = try await oldest(run) }
        return first.map {
            ObjectLanded(
                pipeline: run.pipeline, revision: run.revision, dataset: run.dataset, object: $0,
                bytes: 0, sha256: nil, times: [:])
        }
    }

    /// The first object of the dataset that had landed when the run was said.
    private func oldest(_ run: RunDue) async throws -> String? {
        var marker: String?
        let prefix = LakeKeys.landingPrefix(run.pipeline, run.dataset)
        repeat {
            let page = try await lake.list(prefix: prefix, after: marker, limit: 1_000)
            let found = page.first {
                LakeKeys.landed($0.key) != nil && $0.modifiedAt <= run.firedAt
            }
            if let found { return found.key }
            marker = page.count < 1_000 ? nil : page.last?.key
        } while marker != nil
        return nil
    }
}
