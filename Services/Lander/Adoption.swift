import Events
import Files
import Foundation
import Lake
import Lanes

/// Takes in files that others put straight into a landing folder.
struct Adoption: Sendable {
    private static let unfinished = [".tmp", ".part", ".partial", ".filepart", ".crdownload"]

    let lake: any ObjectStore
    private let lane = Lane("adoption")

    init(lake: any ObjectStore) {
        self.lake = lake
    }

    /// True when `object` is under a name that its writer is going to change.
    func isUnfinished(_ object: ObjectInfo) -> Bool {
        let lower = object.key.lowercased()
        return Self.unfinished.contains(where: lower.hasSuffix)
    }

    /// Gives an object that has not changed between two sweeps a key of its own.
    ///
    /// - Returns: It under its new key; nil when somebody still writes to it or took it.
    func adopt(_ object: ObjectInfo, in folder: LandingFolder) async throws -> ObjectInfo? {
        guard try await !hasWriters(object) else { return nil }
        let name = object.key.split(separator: "/").last.map(String.init) ?? object.key
        let key = LakeKeys.landing(
            folder.pipeline, folder.dataset, at: Date(), id: ULID(), name: name)
        guard try await lake.move(object.key, to: key) else { return nil }
        return ObjectInfo(key: key, bytes: object.bytes, modifiedAt: object.modifiedAt)
    }

    /// In a lake on this host's disks the kernel knows.
    private func hasWriters(_ object: ObjectInfo) async throws -> Bool {
        let path = lake.location(of: object.key)
        guard path.hasPrefix("/") else { return false }
        return try await lane.run {
            do {
                return try OpenFile(path).writers() == .present
            } catch let error as FileError where error.isMissing || error.isRefused {
                // The move meets the same and says so.
                return false
            }
        }
    }
}
