public import Events

extension ObjectStore {
    /// The facts in a manifest; nil when there is none: the batch is not transformed.
    public func facts(at manifest: String) async throws -> BatchFacts? {
        do {
            return try EventJSON.decode(
                BatchFacts.self, from: try await get(manifest, limitBytes: 64 << 20))
        } catch let error as LakeError where error.kind == .notFound {
            return nil
        }
    }

    /// Where the raw bytes of a transformed batch's objects lie, in the order of the facts; nil
    /// where retention has removed them.
    public func rawKeys(of facts: BatchFacts) async throws -> [String?] {
        let origin = facts.replay?.origin ?? facts.batch
        let first =
            origin == facts.batch
            ? facts
            : try await self.facts(
                at: LakeKeys.manifest(facts.pipeline, facts.dataset, batch: origin))
        let prefix = LakeKeys.workingPrefix(facts.pipeline, facts.dataset, batch: origin)
        var keys: [String?] = []
        for object in facts.objects {
            var places = [prefix + object.name]
            if let claimedAt = first?.times[.claimed] {
                // One that was refused as a whole was moved there.
                places.append(
                    LakeKeys.refused(
                        facts.pipeline, facts.dataset, at: claimedAt, name: object.name))
            }
            var found: String?
            for place in places where found == nil {
                if try await info(place) != nil { found = place }
            }
            keys.append(found)
        }
        return keys
    }
}
