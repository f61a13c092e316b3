import Events
import Foundation
import Lake
import Service
import Telemetry

/// Looks for batches that nobody goes on with: their objects have left the landing zone, so that
/// the lander's sweep does not find them.
///
/// A claim is there until its batch is transformed. One that is old, and that no living job on this
/// host works on, has lost its event: the event is said again, with the id that it had. To say it
/// once too often does no harm.
actor ClaimSweep {
    private let lake: any ObjectStore
    private let context: ServiceContext
    private let age: Duration
    private var patience: Patience

    /// - Parameter age: Of a claim whose event is said again; further times come after ever longer
    ///   pauses.
    init(lake: any ObjectStore, context: ServiceContext, age: Duration) {
        self.lake = lake
        self.context = context
        self.age = age
        patience = Patience(first: age, longest: .seconds(86_400))
    }

    /// Looks once.
    func sweep() async throws {
        let busy = try await Workplace.busyBatches(lake)
        var marker: String?
        repeat {
            let page = try await lake.list(
                prefix: LakeKeys.claimsPrefix, after: marker, limit: 1_000)
            for claim in page { try await look(at: claim, busy) }
            marker = page.count < 1_000 ? nil : page.last?.key
        } while marker != nil
        patience.forgetOthers()
    }

    private func look(at object: ObjectInfo, _ busy: Set<ULID>) async throws {
        guard let batch = LakeKeys.claimed(object.key) else { return }
        guard object.modifiedAt < Date(timeIntervalSinceNow: -(age / .seconds(1))) else { return }
        if try await lake.info(
            LakeKeys.manifest(batch.pipeline, batch.dataset, batch: batch.id)) != nil
        {
            // Somebody was killed between the two.
            try await lake.delete([object.key])
            return
        }
        guard !busy.contains(batch.id), patience.isDue(object.key),
            let claim = try await Claiming(lake: lake).written(at: object.key),
            let event = try event(of: claim, batch)
        else { return }
        patience.begin(object.key)
        try await context.publisher.publish([event])
        context.log.warning(
            "batch is not finished; its event is said again",
            ["batch": "\(batch.id)", "dataset": "\(batch.pipeline).\(batch.dataset)"])
    }

    /// The event that the claim was made for.
    private func event(of claim: Claim, _ batch: BatchKey) throws -> Event? {
        if let request = claim.request {
            return try Event(request, id: request.eventID, from: context.source)
        }
        if let due = claim.due {
            return try Event(due, id: due.eventID, from: context.source)
        }
        guard let first = claim.objects.first(where: { $0.name.hasPrefix(batch.id.description) })
        else { return nil }
        let landed = ObjectLanded(
            pipeline: batch.pipeline, revision: claim.revision, dataset: batch.dataset,
            object: first.landing, bytes: first.bytes, sha256: first.sha256, times: first.times)
        return try Event(landed, id: "\(batch.id).landed", from: context.source)
    }
}
