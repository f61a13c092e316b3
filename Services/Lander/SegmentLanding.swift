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
        switch try await spool.state(of: segment.segment) {
        case .finished: return false
        case .moved: return true
        case .whole(let whole): return try await put(whole, at: key)
        case .unknown:
            // The spool may have been emptied behind our back; what is in the lake is not lost.
            guard try await lake.info(key) == nil else { return true }
            throw HandlingError(
                .permanent, "lander.segment_lost",
                "segment \(segment.segment) (`\(segment.name)`) is neither in the spool of "
                    + "\(segment.host) nor in the landing zone; put the file in again")
        }
    }

    private func put(_ segment: Segment, at key: String) async throws -> Bool {
        // After a crash between a copy and the end of its source, it is there already.
        guard try await lake.info(key) == nil else { return true }
        if let failure = await failure(ofPutting: segment, at: key) {
            // The same event in another worker may have been faster.
            let isGone = try await spool.segment(segment.id) == nil
            guard failure.kind == .notFound, isGone else { throw failure }
            return true
        }
        context.log.info(
            "segment landed",
            ["object": key, "segment": "\(segment.id)", "bytes": "\(segment.facts.bytes)"])
        return true
    }

    /// A value and not thrown: the optimiser of Swift 6.3 crashes on an `await` inside the `catch`
    /// of a typed error.
    private func failure(ofPutting segment: Segment, at key: String) async -> LakeError? {
        do {
            try await lake.put(fileAt: segment.path, at: key)
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
