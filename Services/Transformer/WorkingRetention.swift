import Events
import Foundation
import Lake
import Pipelines

/// Removes the raw objects of batches that were transformed long ago. Their manifests stay, so that
/// an event that comes again still gets its answer.
struct WorkingRetention: Sendable {
    let lake: any ObjectStore
    /// How long raw objects are kept after their batch was transformed, where their pipeline does
    /// not say it.
    let age: Duration

    /// - Returns: How many batches were cleaned; not many more than a thousand.
    func clean() async throws -> Int {
        var ages: [String: Date] = [:]
        var count = 0
        var marker: String?
        while count < 1_000 {
            let page = try await lake.list(
                prefix: "\(Zone.working)/", after: marker, limit: 1_000)
            guard let last = page.last else { return count }
            marker = last.key
            var known: BatchKey?
            for batch in page.compactMap({ LakeKeys.working($0.key) }) where batch != known {
                known = batch
                let oldest: Date
                if let date = ages[batch.pipeline] {
                    oldest = date
                } else {
                    oldest = try await self.oldest(of: batch.pipeline)
                    ages[batch.pipeline] = oldest
                }
                guard batch.id < ULID(at: oldest) else {
                    // Batches are in the order of their age: only younger ones of the dataset
                    // follow. `0` is the character behind `/`.
                    marker = "\(Zone.working)/\(batch.pipeline)/\(batch.dataset)0"
                    break
                }
                if try await clean(batch, before: oldest) { count += 1 }
            }
        }
        return count
    }

    /// Batches that were transformed earlier are cleaned.
    private func oldest(of pipeline: String) async throws -> Date {
        let own = try await PipelineCatalog(lake: lake).current(pipeline)?.pipeline.retention?.raw
        return Date(timeIntervalSinceNow: -(own.map(Double.init) ?? age / .seconds(1)))
    }

    private func clean(_ batch: BatchKey, before oldest: Date) async throws -> Bool {
        let manifest = LakeKeys.manifest(batch.pipeline, batch.dataset, batch: batch.id)
        guard let info = try await lake.info(manifest), info.modifiedAt < oldest,
            try await !isBeingReplayed(batch)
        else { return false }
        // A batch has at most as many objects.
        let objects = try await lake.list(
            prefix: LakeKeys.workingPrefix(batch.pipeline, batch.dataset, batch: batch.id),
            after: nil, limit: Claiming.objectLimit)
        try await lake.delete(objects.map(\.key))
        return true
    }

    /// A replay reads the raw objects where they are, and has a claim until it is transformed.
    private func isBeingReplayed(_ batch: BatchKey) async throws -> Bool {
        let claims = try await lake.list(
            prefix: "\(LakeKeys.claimsPrefix)\(batch.pipeline)/\(batch.dataset)/", after: nil,
            limit: 1_000)
        for claim in claims {
            let replay = try await Claiming(lake: lake).written(at: claim.key)?.replay
            if replay?.origin == batch.id { return true }
        }
        return false
    }
}
