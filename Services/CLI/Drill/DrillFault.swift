import Stack

/// A kind of failure that a drill can cause, from outside and to be undone.
protocol DrillFault: Sendable {
    /// As it is typed, e.g. `kill-loader`.
    var name: String { get }
    /// What happens, in half a sentence.
    var summary: String { get }
    /// How long it lasts unless the caller says otherwise; nil for what happens in a moment.
    var usualTime: Duration? { get }
    /// How often one drill does it.
    var times: Int { get }
    /// How often a storm takes it, next to the others of its lane.
    var weight: Int { get }
    /// With which others it takes turns in a storm.
    var lane: DrillLane { get }
    /// How often a service may put off one event in a whole drill; nil where nobody looks.
    var mostDelays: Int? { get }

    /// Causes it, and returns when it is over.
    ///
    /// - Returns: What was done, in a few words; nil when it could not be done at this moment.
    func strike(_ scene: DrillScene, for time: Duration) async throws -> String?
}

extension DrillFault {
    var usualTime: Duration? { nil }
    var times: Int { 1 }
    var weight: Int { 1 }
    var lane: DrillLane { .moments }
    var mostDelays: Int? { nil }
}

/// What a fault works with.
struct DrillScene: Sendable {
    let context: StackContext
    let pipeline: DrillPipeline
    let services: DrillServices
    let undo: DrillUndo
    let journal: DrillJournal
}

/// Every fault that there is, in the order in which they are listed.
enum DrillFaults {
    static let all: [any DrillFault] =
        StackPart.services.map { KillService(service: $0) } + [
            KillAfterCommit(), DropAck(), DuplicateEvents(), EndServer.brokerRestart,
            EndServer.brokerKill, FreezeBroker(), EndServer.warehouseRestart,
            EndServer.warehouseKill, EndServer.warehouseDown, FillDisk.lake, FillDisk.spool,
            SlowWarehouse(), StopAll(),
        ]

    /// The fault of that name.
    static func named(_ name: String) -> (any DrillFault)? { all.first { $0.name == name } }
}
