import Files
import Foundation

/// Reads the keys of a lake in a folder in their order, and only the folders that can hold them.
struct DirectoryListing: Sendable {
    let prefix: String
    let marker: String?
    let limit: Int

    func read(in tree: DirectoryTree) throws -> [ObjectInfo] {
        let parts = prefix.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let parents = Array(parts.dropLast())
        if !parents.isEmpty {
            try LakeKeys.verify(parents.joined(separator: "/"), during: "list")
        }
        var found: [ObjectInfo] = []
        guard limit > 0, let folder = try tree.find(parents) else { return [] }
        try read(folder, below: parents.map { $0 + "/" }.joined(), into: &found)
        return found
    }

    private func read(
        _ folder: Folder, below path: String, into found: inout [ObjectInfo]
    ) throws {
        for candidate in try candidates(in: folder, below: path) {
            if found.count >= limit { return }
            if candidate.isFolder {
                // It may be gone since its name was read.
                guard let next = try folder.folder(candidate.name) else { continue }
                try read(next, below: candidate.key, into: &found)
            } else if let info = try folder.info(candidate.name), info.kind == .file {
                found.append(
                    ObjectInfo(
                        key: candidate.key, bytes: info.bytes, modifiedAt: info.modifiedAt))
            }
        }
    }

    private struct Candidate {
        let name: String
        /// With a slash at the end for a folder, which puts it where its keys belong.
        let key: String
        let isFolder: Bool
    }

    private func candidates(in folder: Folder, below path: String) throws -> [Candidate] {
        try folder.entries().filter { !$0.name.hasPrefix(".") }
            .map { entry in
                let key = path + entry.name + (entry.isFolder ? "/" : "")
                return Candidate(name: entry.name, key: key, isFolder: entry.isFolder)
            }
            .filter { mayHold($0.key, isFolder: $0.isFolder) }
            .sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }

    private func mayHold(_ key: String, isFolder: Bool) -> Bool {
        guard key.utf8.starts(with: prefix.utf8) || (isFolder && prefix.utf8.starts(with: key.utf8))
        else { return false }
        guard let marker else { return true }
        return marker.utf8.lexicographicallyPrecedes(key.utf8)
            || (isFolder && marker.utf8.starts(with: key.utf8))
    }
}
