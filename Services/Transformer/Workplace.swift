import Foundation
import Lake

/// A folder of one job's own on this host.
struct Workplace {
    let path: String

    var processed: String { path + "/processed.parquet" }
    var rejects: String { path + "/rejects.parquet" }
    /// Where the engine may leave what it likes.
    var scratch: String { path + "/engine" }

    /// Removes the folders of jobs that were killed more than a day ago.
    static func tidy(_ lake: any ObjectStore) async throws {
        let folder = URL(fileURLWithPath: try await lake.scratch())
        let oldest = Date(timeIntervalSinceNow: -86_400)
        let entries = try FileManager.default.contentsOfDirectory(
            at: folder, includingPropertiesForKeys: [.contentModificationDateKey])
        for entry in entries where entry.lastPathComponent.hasPrefix(prefix) {
            let values = try entry.resourceValues(forKeys: [.contentModificationDateKey])
            guard let date = values.contentModificationDate, date < oldest else { continue }
            try FileManager.default.removeItem(at: entry)
        }
    }

    private static let prefix = "transform-"

    /// Lends a new folder to `body` and removes it afterwards, with all that is in it.
    static func with<Value: Sendable>(
        _ lake: any ObjectStore, _ body: (Workplace) async throws -> Value
    ) async throws -> Value {
        let path = try await lake.scratch() + "/\(prefix)\(UUID().uuidString)"
        let place = Workplace(path: path)
        try FileManager.default.createDirectory(
            atPath: place.scratch, withIntermediateDirectories: true)
        let outcome: Result<Value, any Error>
        do { outcome = .success(try await body(place)) } catch { outcome = .failure(error) }
        try FileManager.default.removeItem(atPath: path)
        return try outcome.get()
    }
}
