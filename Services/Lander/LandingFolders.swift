import Lake

/// Which datasets have something in the landing zone.
struct LandingFolders: Sendable {
    /// `landing/<pipeline>/<dataset>/`
    struct Folder: Sendable, Hashable {
        let pipeline: String
        let dataset: String

        var prefix: String { LakeKeys.landingPrefix(pipeline, dataset) }
    }

    /// What lies in the zone.
    struct Contents: Sendable, Equatable {
        var folders: [Folder] = []
        /// Keys that are in no dataset's folder.
        var strays: [String] = []
    }

    let lake: any ObjectStore

    /// Reads one key of each folder and then passes over the rest of it.
    func contents() async throws -> Contents {
        var contents = Contents()
        var marker: String?
        let root = "\(Zone.landing)/"
        while let next = try await lake.list(prefix: root, after: marker, limit: 1).first {
            let parts = next.key.split(separator: "/", maxSplits: 3).map(String.init)
            if parts.count == 4 {
                let folder = Folder(pipeline: parts[1], dataset: parts[2])
                contents.folders.append(folder)
                // `0` is the character behind `/`: nothing of the folder sorts behind this.
                marker = folder.prefix.dropLast() + "0"
            } else {
                contents.strays.append(next.key)
                marker = next.key
            }
        }
        return contents
    }
}
