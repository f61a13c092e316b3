import Events
import Foundation
import Service
import Spool
import Telemetry

/// Says `segment.captured`, and says it again for segments that stay in the spool.
actor Announcements {
    /// A segment that is older and was not announced here has perhaps lost its event.
    private static let patience: TimeInterval = 5
    /// How long the lander is left alone after a confirmed event.
    private static let pause = Duration.seconds(600)
    /// The most segments announced again in one round.
    private static let limit = 200

    private let spool: Spool
    private let context: ServiceContext
    private var announced: [ULID: ContinuousClock.Instant] = [:]
    private var underWay: Set<ULID> = []

    init(spool: Spool, context: ServiceContext) {
        self.spool = spool
        self.context = context
    }

    /// Tells of segments. What cannot be told now is told by a later round of `run`.
    func announce(_ segments: [Segment]) async {
        guard !segments.isEmpty else { return }
        let ids = segments.map(\.id)
        underWay.formUnion(ids)
        defer { underWay.subtract(ids) }
        do {
            let events = try segments.map { try $0.event(from: context.source) }
            try await context.publisher.publish(events)
            for id in ids { announced[id] = .now }
        } catch is CancellationError {
            context.log.info("stopped before segments were announced", ["segments": "\(ids.count)"])
        } catch {
            context.log.warning(
                "segments not announced yet", ["segments": "\(ids.count)", "error": "\(error)"])
        }
    }

    /// Looks at the spool every few seconds until it is cancelled.
    func run() async throws {
        while true {
            do {
                try await announceForgotten(olderThan: Self.patience)
            } catch let error as SpoolError {
                context.log.error("spool cannot be read", ["error": "\(error)"])
            }
            try await Task.sleep(for: .seconds(Self.patience))
        }
    }

    /// Tells of segments whose event may be lost: of those that an earlier process captured, of
    /// those that `millrace put` left, and of those that the lander has not taken for long.
    func announceForgotten(olderThan age: TimeInterval) async throws {
        let ids = try await spool.ids()
        let present = Set(ids)
        announced = announced.filter { present.contains($0.key) }
        context.metrics.set(
            "millrace_spool_segments", to: Double(ids.count), help: "Segments in the spool.")
        let newest = ULID(at: Date(timeIntervalSinceNow: -age))
        var due: [Segment] = []
        for id in ids where id < newest && isDue(id) && due.count < Self.limit {
            if let segment = try await spool.segment(id) { due.append(segment) }
        }
        await announce(due)
    }

    private func isDue(_ id: ULID) -> Bool {
        guard !underWay.contains(id) else { return false }
        return announced[id].map { $0.duration(to: .now) > Self.pause } ?? true
    }
}
