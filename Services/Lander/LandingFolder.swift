import Lake

/// The landing zone of one dataset: `landing/<pipeline>/<dataset>/`.
struct LandingFolder: Sendable, Hashable {
    let pipeline: String
    let dataset: String

    var prefix: String { LakeKeys.landingPrefix(pipeline, dataset) }

    /// Nil when the key is in no dataset's folder.
    init?(of key: String) {
        let parts = key.split(separator: "/", maxSplits: 3)
        guard parts.count == 4 else { return nil }
        pipeline = String(parts[1])
        dataset = String(parts[2])
    }
}
