public import Events
import Foundation

/// Which runs of scheduled pipelines are in flight: a mark in the lake from the moment that a run
/// is said until its batch is published, refused or has failed.
public struct RunMarks: Sendable {
    private let lake: any ObjectStore

    public init(lake: any ObjectStore) {
        self.lake = lake
    }

    /// A run's batch is on its way.
    public func begin(_ pipeline: String, _ batch: ULID) async throws(LakeError) {
        try await lake.put(Data("\(batch)\n".utf8), at: LakeKeys.runMark(pipeline, batch: batch))
    }

    /// It is not any more; what has no mark is no error.
    public func end(_ pipeline: String, _ batch: ULID) async throws(LakeError) {
        try await lake.delete([LakeKeys.runMark(pipeline, batch: batch)])
    }

    /// The runs of a pipeline that are on their way, and since when.
    public func inFlight(_ pipeline: String) async throws(LakeError) -> [ObjectInfo] {
        try await lake.list(
            prefix: LakeKeys.runMarksPrefix(pipeline), after: nil, limit: 1_000)
    }
}

extension LakeKeys {
    /// `schedules/<pipeline>/memory.json`: what the scheduler has said last.
    public static func scheduleMemory(_ pipeline: String) -> String {
        "schedules/\(pipeline)/memory.json"
    }

    static func runMarksPrefix(_ pipeline: String) -> String { "schedules/\(pipeline)/running/" }

    static func runMark(_ pipeline: String, batch: ULID) -> String {
        runMarksPrefix(pipeline) + batch.description
    }
}
