import Events
import Files
import Foundation
import Lake
import Lanes

/// A folder of one job's own on this host. It is locked as long as the job lives.
struct Workplace: Sendable {
    let path: String

    var processed: String { path + "/processed.parquet" }
    var rejects: String { path + "/rejects.parquet" }
    /// Where the engine may leave what it likes.
    var scratch: String { path + "/engine" }

    private static let prefix = "transform-"
    private static let lock = ".lock"

    /// Lends a new folder for a job of `batch` to `body` and removes it afterwards, with all that
    /// is in it.
    static func with<Value: Sendable>(
        _ lake: any ObjectStore, _ batch: ULID, _ body: (Workplace) async throws -> Value
    ) async throws -> Value {
        let scratch = try await lake.scratch()
        let name = "\(prefix)\(batch)-\(UUID().uuidString)"
        let place = Workplace(path: "\(scratch)/\(name)")
        let outcome: Result<Value, any Error>
        do {
            let lock = try await Lane("workplace").run { try make(name, in: scratch) }
            outcome = .success(try await body(place))
            withExtendedLifetime(lock) {}
        } catch let error as FileError {
            outcome = .failure(HandlingError(.transient, "transformer.workplace", "\(error)"))
        } catch {
            outcome = .failure(error)
        }
        if FileManager.default.fileExists(atPath: place.path) {
            try FileManager.default.removeItem(atPath: place.path)
        }
        return try outcome.get()
    }

    private static func make(_ name: String, in scratch: String) throws -> OpenFile {
        let folder = try Folder(scratch).making(name)
        let file = try folder.create(lock)
        guard try file.lock(.exclusive) else {
            throw FileError("lock", file.path, code: EWOULDBLOCK)
        }
        _ = try folder.making("engine")
        return file
    }

    /// Removes the folders of jobs that died before `date`: nobody holds their lock.
    ///
    /// - Returns: Their names, for a log.
    static func removeDead(_ lake: any ObjectStore, before date: Date) async throws -> [String] {
        let scratch = try await lake.scratch()
        return try await Lane("workplace").run {
            let folder = try Folder(scratch)
            var removed: [String] = []
            for entry in try folder.entries() where entry.isFolder && entry.name.hasPrefix(prefix) {
                // The age covers the moment before a job locks its folder.
                guard let info = try folder.info(entry.name), info.modifiedAt < date,
                    try !isAlive(entry.name, in: folder)
                else { continue }
                try FileManager.default.removeItem(atPath: folder.path(of: entry.name))
                removed.append(entry.name)
            }
            return removed
        }
    }

    /// The batches that living jobs on this host work on.
    static func busyBatches(_ lake: any ObjectStore) async throws -> Set<ULID> {
        let scratch = try await lake.scratch()
        return try await Lane("workplace").run {
            let folder = try Folder(scratch)
            var busy: Set<ULID> = []
            for entry in try folder.entries() where entry.isFolder {
                guard entry.name.hasPrefix(prefix),
                    let batch = ULID(entry.name.dropFirst(prefix.count).prefix(26)),
                    try isAlive(entry.name, in: folder)
                else { continue }
                busy.insert(batch)
            }
            return busy
        }
    }

    private static func isAlive(_ name: String, in scratch: Folder) throws -> Bool {
        guard let file = try scratch.folder(name)?.open(lock) else { return false }
        return try !file.lock(.exclusive)
    }
}
