import Events
import Lake
import Pipelines

/// A batch that is to be transformed.
struct Work: Sendable {
    let landed: ObjectLanded
    let batch: ULID
    let claim: Claim
    let dataset: Dataset

    /// Where an object's raw bytes are.
    func key(of object: Claim.Object) -> String {
        claim.replay == nil
            ? LakeKeys.workingPrefix(landed.pipeline, landed.dataset, batch: batch) + object.name
            : object.landing
    }
    var claimKey: String { LakeKeys.claim(landed.pipeline, landed.dataset, batch: batch) }
    var names: [String] { claim.objects.map(\.name) }
}
