import Foundation
import Lake
import Service
import Telemetry

/// What the transformer does now and then, beside its events.
struct Upkeep: Sendable {
    let lake: any ObjectStore
    let context: ServiceContext
    let settings: TransformerSettings

    private static let sweepPeriod = Duration.seconds(60)
    private static let tidyPeriod = Duration.seconds(600)

    /// Looks for forgotten batches until it is cancelled.
    func sweepRegularly() async throws {
        let sweep = ClaimSweep(lake: lake, context: context, age: settings.claimAge)
        try await context.repeating("sweep", every: Self.sweepPeriod) { try await sweep.sweep() }
    }

    /// Removes what is not needed any more until it is cancelled.
    func tidyRegularly() async throws {
        let retention = WorkingRetention(lake: lake, age: settings.workingRetention)
        try await context.repeating("upkeep", every: Self.tidyPeriod) {
            let oldest = Date(timeIntervalSinceNow: -(settings.leftoverAge / .seconds(1)))
            let dead = try await Workplace.removeDead(lake, before: oldest)
            if !dead.isEmpty {
                context.log.info(
                    "workplaces of dead jobs removed", ["folders": dead.joined(separator: " ")])
            }
            let cleaned = try await retention.clean()
            if cleaned > 0 {
                context.log.info("old raw objects removed", ["batches": "\(cleaned)"])
            }
        }
    }
}
