import Stack

/// All faults at random, several at a time, in an order that follows from a seed.
struct DrillStorm: Sendable {
    let seed: UInt64
    let duration: Duration
    let scene: DrillScene

    /// Returns when the last of them is over.
    func run() async throws {
        let end = ContinuousClock.now + duration
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in DrillLane.allCases {
                group.addTask { try await blow(in: lane, until: end) }
            }
            try await group.waitForAll()
        }
    }

    private func blow(in lane: DrillLane, until end: ContinuousClock.Instant) async throws {
        let faults = DrillFaults.all.filter { $0.lane == lane }
        let lots = faults.flatMap { Array(repeating: $0, count: $0.weight) }
        var generator = SplitMix64(seed: seed, 7, UInt64(lane.rawValue))
        while true {
            let fault = generator.pick(lots)
            let time = Duration.milliseconds(generator.integer(2_000...8_000))
            let pause = Duration.milliseconds(generator.integer(lane.pauseMilliseconds))
            guard .now + pause < end else { return }
            try await Task.sleep(for: pause)
            try await strike(fault, for: time, until: end)
        }
    }

    /// Causes the fault as soon as it can be done; another one comes when that takes long.
    private func strike(
        _ fault: any DrillFault, for time: Duration, until end: ContinuousClock.Instant
    ) async throws {
        let end = min(end, .now + .seconds(10))
        while .now < end {
            if let what = try await fault.strike(scene, for: time) {
                return scene.journal.note(fault.name, what)
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}

/// Faults of one lane come one after the other, those of different lanes at the same time.
enum DrillLane: Int, Sendable, CaseIterable {
    /// Over in a moment: kills, broken connections.
    case moments
    /// Those that last.
    case lasting
    /// Those of the broker and the warehouse, which need time to come back.
    case servers

    /// The time between two of them in a storm.
    var pauseMilliseconds: ClosedRange<Int> {
        switch self {
        case .moments: 150...750
        case .lasting: 4_000...10_000
        case .servers: 12_000...24_000
        }
    }
}
