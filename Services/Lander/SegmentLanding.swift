import Events
import Foundation
import Lake
import Service
import Spool
import Telemetry

/// The core of the lander: brings a segment of this host to the landing zone.
struct SegmentLanding: EventHandler {
    let lake: any ObjectStore
    let spool: Spool
    let context: ServiceContext

    func handle(_ event: Event) async throws -> [Event] {
        let segment: SegmentCaptured = try event.payload()
        guard segment.host == context.host else { return [] }
        let key = Self.key(of: segment, said: event.time)
        guard try await land(segment, at: key) else { return [] }
        var times = segment.times
        times[.landed] = Date()
        let landed = ObjectLanded(
            pipeline: segment.pipeline, revision: segment.revision, dataset: segment.dataset,
            object: key, bytes: segment.bytes, sha256: segment.sha256, times: times)
        return [
            try Event(
                landed, id: LandedID.text(segment.segment), from: context.source, after: event)
        ]
    }

    func confirmed(_ event: Event) async throws {
        let segment: SegmentCaptured = try event.payload()
        guard segment.host == context.host else { return }
        try await spool.finish(segment.segment)
    }

    /// The same whenever the event is handled.
    private static func key(of segment: SegmentCaptured, said: Date) -> String {
        LakeKeys.landing(
            segment.pipeline, segment.dataset, at: segment.times[.captured] ?? said,
            id: segment.segment, name: segment.name)
    }

    /// - Returns: False when this was done and told before.
    private func land(_ segment: SegmentCaptured, at key: String) async throws -> Bool {
        let state = try await spool.state(of: segment.segment)
        if state == .finished { return false }
        // Also when the bytes are not in the spool any more: a lander that was killed may have
        // left them half-way.
        if let failure = await failure(ofPutting: segment.segment, at: key) {
            guard failure.kind == .notFound else { throw failure }
            if state == .unknown { try await findLost(segment, at: key) }
            return true
        }
        context.log.info(
            "segment landed",
            ["object": key, "segment": "\(segment.segment)", "bytes": "\(segment.bytes)"])
        return true
    }

    /// The spool may have been emptied behind our back; what is in the lake is not lost.
    private func findLost(_ segment: SegmentCaptured, at key: String) async throws {
        guard try await lake.info(key) == nil else { return }
        throw HandlingError(
            .permanent, "lander.segment_lost",
            "segment \(segment.segment) (`\(segment.name)`) is neither in the spool of "
                + "\(segment.host) nor in the landing zone; put the file in again")
    }

    /// A value and not thrown: the optimiser of Swift 6.3 crashes on an `await` inside the `catch`
    /// of a typed error.
    private func failure(ofPutting segment: ULID, at key: String) async -> LakeError? {
        do {
            try await lake.put(fileAt: spool.path(of: segment), at: key)
            return nil
        } catch {
            return error
        }
    }
}

/// The id of an `object.landed` event: the same whoever says it.
enum LandedID {
    static func text(_ object: ULID) -> String { "\(object).landed" }
}
