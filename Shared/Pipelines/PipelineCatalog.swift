import Events
import Foundation
public import Lake
import Synchronization

/// The applied pipelines, as every service reads them: immutable revisions in the lake, and for
/// each pipeline the name of its current one.
public final class PipelineCatalog: Sendable {
    private let lake: any ObjectStore
    /// Revisions never change, so what has been read once holds for good.
    private let known = Mutex<[String: Pipeline]>([:])

    public init(lake: any ObjectStore) {
        self.lake = lake
    }

    /// Makes `pipeline` the current revision of its name. Applying the same again changes nothing.
    ///
    /// - Returns: The revision: 12 hexadecimal digits that follow from the pipeline alone.
    public func apply(_ pipeline: Pipeline) async throws -> String {
        let bytes = try PipelineJSON.encode(pipeline)
        let revision = PipelineJSON.revision(of: bytes)
        // The revision goes first: `current` never names one that is not there.
        _ = try await lake.putIfAbsent(bytes, at: LakeKeys.revision(pipeline.name, revision))
        try await lake.put(Data(revision.utf8), at: LakeKeys.current(pipeline.name))
        return revision
    }

    /// The current revision of a pipeline; nil when none of that name has been applied.
    public func current(_ name: String) async throws -> (revision: String, pipeline: Pipeline)? {
        guard let revision = try await currentRevision(name) else { return nil }
        return (revision, try await pipeline(name, revision: revision))
    }

    /// The pipeline as it was in that revision.
    ///
    /// - Throws: A permanent `HandlingError` when there is no such revision or it cannot be read;
    ///   `LakeError` when the lake is away.
    public func pipeline(_ name: String, revision: String) async throws -> Pipeline {
        let key = LakeKeys.revision(name, revision)
        if let pipeline = known.withLock({ $0[key] }) { return pipeline }
        let pipeline = try await read(key)
        known.withLock { $0[key] = pipeline }
        return pipeline
    }

    /// The names of all applied pipelines, sorted.
    public func names() async throws -> [String] {
        var names: [String] = []
        var marker: String?
        while true {
            let page = try await lake.list(prefix: "pipelines/", after: marker, limit: 1000)
            names += page.compactMap { Self.pipelineName(ofCurrentKey: $0.key) }
            guard page.count == 1000, let last = page.last else { return names.sorted() }
            marker = last.key
        }
    }

    private func currentRevision(_ name: String) async throws -> String? {
        do {
            let bytes = try await lake.get(LakeKeys.current(name), limitBytes: 64)
            return String(decoding: bytes, as: UTF8.self).trimmingCharacters(
                in: .whitespacesAndNewlines)
        } catch  where error.kind == .notFound {
            return nil
        }
    }

    private func read(_ key: String) async throws -> Pipeline {
        do {
            return try PipelineJSON.decode(
                try await lake.get(key, limitBytes: PipelineJSON.limitBytes))
        } catch let error as LakeError where error.kind == .notFound {
            throw HandlingError(
                .permanent, "pipeline.unknown", "the lake has no `\(key)`; apply the pipeline first"
            )
        } catch let error as DecodingError {
            throw HandlingError(
                .permanent, "pipeline.unreadable", "`\(key)` cannot be read: \(error)")
        }
    }

    private static func pipelineName(ofCurrentKey key: String) -> String? {
        let parts = key.split(separator: "/")
        return parts.count == 3 && parts[2] == "current" ? String(parts[1]) : nil
    }
}
