import Events
import Lake
import Pipelines

/// A batch that is to be transformed.
struct Work: Sendable {
    let landed: ObjectLanded
    let batch: ULID
    let claim: Claim
    let dataset: Dataset

    /// Where its raw objects are.
    var prefix: String { LakeKeys.workingPrefix(landed.pipeline, landed.dataset, batch: batch) }
    var claimKey: String { LakeKeys.claim(landed.pipeline, landed.dataset, batch: batch) }
    var names: [String] { claim.objects.map(\.name) }
}
