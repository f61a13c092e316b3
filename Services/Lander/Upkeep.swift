import Foundation
import Lake
import Service
import Spool
import Telemetry

/// What the lander does now and then, beside its events.
struct Upkeep: Sendable {
    let sweep: Sweep
    let lake: any ObjectStore
    let spool: Spool
    let context: ServiceContext
    let settings: LanderSettings

    private static let tidyPeriod = Duration.seconds(600)
    /// How long a finished segment is remembered.
    private static let memory: TimeInterval = 86_400

    /// Sweeps the landing zone until it is cancelled.
    func sweepRegularly() async throws {
        try await context.repeating("sweep", every: settings.sweepPeriod) {
            let began = ContinuousClock.now
            try await sweep.sweep()
            context.metrics.observe(
                began.duration(to: .now), in: "millrace_sweep_seconds", [:],
                help: "How long a look at the landing zone took.")
        }
    }

    /// Forgets what is over in the spool, and removes what dead writers left in the lake, until it
    /// is cancelled.
    func tidyRegularly() async throws {
        try await context.repeating("upkeep", every: Self.tidyPeriod) {
            while try await spool.forgetFinished(before: Date(timeIntervalSinceNow: -Self.memory))
                > 0
            {}
            let oldest = Date(timeIntervalSinceNow: -(settings.leftoverAge / .seconds(1)))
            let removed = try await lake.removeLeftovers(before: oldest)
            if !removed.isEmpty {
                context.log.info(
                    "unfinished files of dead writers removed",
                    [
                        "files": removed.prefix(20).joined(separator: " "),
                        "count": "\(removed.count)",
                    ])
            }
        }
    }
}
