import Events
import Foundation
import Lake
import Service

extension Transforming {
    /// Runs a batch again, as a new one, from its raw objects or from its typed rows. They stay
    /// where they are.
    ///
    /// Doing it again gives the same facts: the manifest is written once.
    func replay(_ request: ReplayRequested) async throws -> BatchFacts {
        let manifest = Manifest(
            lake: lake,
            key: LakeKeys.manifest(request.pipeline, request.dataset, batch: request.batch))
        if let facts = try await manifest.facts() { return facts }
        let earlier = try await earlier(request)
        let replay = Replay(of: [request.of] + (earlier.replay?.chain ?? []), from: request.from)
        switch request.from {
        case .load:
            return try await manifest.settle(try await reloaded(earlier, request, replay))
        case .transform:
            let facts = try await transformed(earlier, request, replay)
            report(facts)
            return try await manifest.settle(facts)
        }
    }

    private func earlier(_ request: ReplayRequested) async throws -> BatchFacts {
        let key = LakeKeys.manifest(request.pipeline, request.dataset, batch: request.of)
        if let facts = try await lake.facts(at: key) { return facts }
        throw HandlingError(
            .permanent, "replay.unknown",
            "the lake has no manifest of batch \(request.of), so nobody knows what it was made of")
    }

    /// The facts of the earlier batch under the new name: the loader reads the same files.
    private func reloaded(
        _ earlier: BatchFacts, _ request: ReplayRequested, _ replay: Replay
    ) async throws -> BatchFacts {
        for key in [earlier.processed, earlier.rejects].compactMap(\.self)
        where try await lake.info(key) == nil {
            throw HandlingError(
                .permanent, "replay.gone",
                "`\(key)` is not in the lake any more; replay with --from transform")
        }
        var facts = earlier
        facts.batch = request.batch
        facts.revision = request.revision
        facts.replay = replay
        facts.times = [
            .arrived: request.requestedAt, .claimed: Date(), .transformed: Date(),
        ]
        for index in facts.objects.indices { facts.objects[index].times = [:] }
        return facts
    }

    private func transformed(
        _ earlier: BatchFacts, _ request: ReplayRequested, _ replay: Replay
    ) async throws -> BatchFacts {
        let dataset = try await dataset(
            request.dataset, of: request.pipeline, revision: request.revision)
        let claim = try await claim(earlier, request, replay)
        let landed = ObjectLanded(
            pipeline: request.pipeline, revision: request.revision, dataset: request.dataset,
            object: claim.objects.first?.landing ?? "", bytes: 0, sha256: nil,
            times: [.arrived: request.requestedAt])
        return try await transform(
            Work(landed: landed, batch: request.batch, claim: claim, dataset: dataset))
    }

    /// The claim keeps the raw objects from being removed until the batch is transformed.
    private func claim(
        _ earlier: BatchFacts, _ request: ReplayRequested, _ replay: Replay
    ) async throws -> Claim {
        let key = LakeKeys.claim(request.pipeline, request.dataset, batch: request.batch)
        if let claim = try await Claiming(lake: lake).written(at: key), !claim.objects.isEmpty {
            return claim
        }
        var claim = Claim(
            revision: request.revision, objects: [], claimedAt: Date(), replay: replay,
            request: request)
        // Written before the look: what it protects is not removed behind it.
        try await lake.put(EventJSON.encode(claim), at: key)
        let places = try await lake.rawKeys(of: earlier)
        for (object, place) in zip(earlier.objects, places) {
            guard let place else {
                try await lake.delete([key])
                throw HandlingError(
                    .permanent, "replay.gone",
                    "the raw object \(object.name) of batch \(request.of) is not in the lake any "
                        + "more; replay with --from load, or hand the file over again")
            }
            claim.objects.append(
                Claim.Object(
                    landing: place, name: object.name, bytes: object.bytes,
                    sha256: object.sha256, times: [:]))
        }
        try await lake.put(EventJSON.encode(claim), at: key)
        return claim
    }
}
