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
    private let states: StateLanding
    private let turns = Turns()

    init(lake: any ObjectStore, spool: Spool, context: ServiceContext) {
        self.lake = lake
        self.spool = spool
        self.context = context
        states = StateLanding(states: SourceStates(lake: lake), spool: spool)
    }

    func handle(_ event: Event) async throws -> [Event] {
        let segment: SegmentCaptured = try event.payload()
        guard segment.host == context.host else { return [] }
        let key = Self.key(of: segment, said: event.time)
        let note = try await spool.note(with: segment.segment)
        let isLanded =
            if let note {
                try await turns.take(note.source) {
                    try await land(segment, at: key, note)
                }
            } else {
                try await land(segment, at: key)
            }
        guard isLanded else { return [] }
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

    /// Lands what came before of the same source, then the segment, and its source's state with it.
    ///
    /// - Returns: False when there is nothing to tell of.
    private func land(
        _ segment: SegmentCaptured, at key: String, _ note: SegmentNote
    ) async throws -> Bool {
        let leader = note.leader ?? segment.segment
        if let own = try await spool.note(with: leader) {
            for id in try await states.predecessors(of: own) + [leader] { try await lead(id) }
        }
        // Most often its bytes have gone by now, and what is left to do is to say so.
        let isLanded = try await land(segment, at: key)
        if note.leader == nil { try await states.end(note, of: segment.segment) }
        return isLanded
    }

    /// Lands a segment that says how far its source has been read, and those that go with it.
    private func lead(_ id: ULID) async throws {
        guard let note = try await spool.note(with: id) else { return }
        var facts: [SegmentCaptured] = []
        for member in note.group + [id] {
            if let segment = try await spool.segment(member) { facts.append(segment.facts) }
        }
        guard let last = facts.last, last.segment == id else { return }
        let key = Self.key(of: last, said: Date())
        guard try await states.begin(note, of: id, at: key) else {
            for segment in facts { try await setAside(segment, note) }
            return
        }
        for segment in facts {
            _ = try await land(segment, at: Self.key(of: segment, said: Date()))
        }
        try await states.end(note, of: id)
    }

    /// Another host has read the same records again, and they are in the lake from there.
    private func setAside(_ segment: SegmentCaptured, _ note: SegmentNote) async throws {
        let key = LakeKeys.refused(
            segment.pipeline, segment.dataset, at: Date(),
            name: "\(segment.segment)-\(LakeKeys.safe(segment.name))")
        if let failure = await failure(ofPutting: segment.segment, at: key),
            failure.kind != .notFound
        {
            throw failure
        }
        context.log.warning(
            "segment set aside: its source has been read on from elsewhere",
            ["object": key, "segment": "\(segment.segment)", "source": note.source])
        try await spool.finish(segment.segment)
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
