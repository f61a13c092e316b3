import Events
import Foundation
import Lake

/// How a batch gets its objects: each is moved from the landing zone to the batch's folder in the
/// working zone. Of two batches that want one object, one move wins.
///
/// Every step can be done again by anybody: the claim is written once (the first writer's counts),
/// and an object that a batch has got never leaves it.
struct Claiming: Sendable {
    let lake: any ObjectStore

    /// The most objects of one batch.
    static let objectLimit = 200
    /// The most bytes of the objects that a batch takes along; the one that it is named after may
    /// be larger.
    static let byteLimit = 1 << 30

    /// The objects of the batch that is named after a landed object.
    ///
    /// - Returns: Nil when the object belongs to another batch.
    func objects(
        of landed: ObjectLanded, batch: ULID, due: RunDue? = nil
    ) async throws -> Claim? {
        let key = LakeKeys.claim(landed.pipeline, landed.dataset, batch: batch)
        guard var claim = try await claim(for: landed, due, at: key) else { return nil }
        let prefix = LakeKeys.workingPrefix(landed.pipeline, landed.dataset, batch: batch)
        var won: [Claim.Object] = []
        for var object in claim.objects {
            let target = prefix + object.name
            let isMoved = try await lake.move(object.landing, to: target)
            // Not moved and not there: another batch has it.
            if !isMoved, try await lake.info(target) == nil { continue }
            if object.sha256 == nil { object.sha256 = try await lake.sha256(of: target) }
            won.append(object)
        }
        guard !won.isEmpty else {
            // It came to nothing, for good: what has left the landing zone does not come back.
            try await lake.delete([key])
            return nil
        }
        claim.objects = won
        return claim
    }

    /// Remembers which objects are suspected, for whoever goes on with the batch.
    func note(_ suspicion: Suspicion, at key: String) async throws {
        guard var claim = try await written(at: key) else { return }
        claim.suspicion = suspicion
        try await lake.put(EventJSON.encode(claim), at: key)
    }

    /// The claim of a batch that is not transformed yet; nil when there is none.
    func written(at key: String) async throws -> Claim? {
        do {
            return try EventJSON.decode(Claim.self, from: await lake.get(key, limitBytes: 1 << 20))
        } catch let error as LakeError where error.kind == .notFound {
            return nil
        }
    }

    private func claim(
        for landed: ObjectLanded, _ due: RunDue?, at key: String
    ) async throws -> Claim? {
        if let claim = try await written(at: key) { return claim }
        guard let info = try await lake.info(landed.object) else { return nil }
        let claim = Claim(
            revision: landed.revision, objects: try await wanted(landed, first: info),
            claimedAt: Date(), due: due)
        let isFirst = try await lake.putIfAbsent(EventJSON.encode(claim), at: key)
        return isFirst ? claim : try await written(at: key)
    }

    /// The landed object and what waits beside it, as far as the limits allow.
    private func wanted(_ landed: ObjectLanded, first: ObjectInfo) async throws -> [Claim.Object] {
        guard let name = LakeKeys.landed(landed.object)?.name else { return [] }
        var objects = [
            Claim.Object(
                landing: landed.object, name: name, bytes: first.bytes, sha256: landed.sha256,
                times: landed.times)
        ]
        var bytes = first.bytes
        let waiting = try await lake.list(
            prefix: LakeKeys.landingPrefix(landed.pipeline, landed.dataset), after: nil,
            limit: Self.objectLimit)
        for info in waiting where info.key != landed.object {
            // What others have put there under names of their own, the lander adopts first.
            guard let (name, _) = LakeKeys.landed(info.key) else { continue }
            guard objects.count < Self.objectLimit, bytes + info.bytes <= Self.byteLimit else {
                break
            }
            bytes += info.bytes
            objects.append(
                Claim.Object(
                    landing: info.key, name: name, bytes: info.bytes, sha256: nil,
                    times: [.landed: info.modifiedAt]))
        }
        return objects.sorted { $0.name < $1.name }
    }
}
