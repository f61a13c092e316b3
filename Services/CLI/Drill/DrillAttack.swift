import Stack

/// Causes the faults of a drill, one kind as often as it asks for, or a storm of all of them.
struct DrillAttack: Sendable {
    let plan: DrillPlan
    let scene: DrillScene

    /// How long the load is to flow.
    var duration: Duration {
        if plan.name == DrillPlan.storm { return plan.duration ?? .seconds(60) }
        guard let fault = DrillFaults.named(plan.name) else { return .seconds(10) }
        let single = plan.duration ?? fault.usualTime ?? .zero
        return single * fault.times + Self.pause * fault.times
    }

    /// How often one event may be put off; nil where nobody looks.
    var mostDelays: Int? { DrillFaults.named(plan.name)?.mostDelays }

    /// Between two faults of the same kind.
    private static let pause = Duration.seconds(2)

    /// Returns when the last fault is over.
    func run() async throws {
        guard let fault = DrillFaults.named(plan.name) else {
            return try await DrillStorm(seed: plan.seed, duration: duration, scene: scene).run()
        }
        for _ in 0..<fault.times {
            try await strike(fault)
            try await Task.sleep(for: Self.pause)
        }
    }

    /// Causes one fault once its part is there.
    private func strike(_ fault: any DrillFault) async throws {
        let deadline = ContinuousClock.now + .seconds(120)
        while .now < deadline {
            let time = plan.duration ?? fault.usualTime ?? .zero
            if let what = try await fault.strike(scene, for: time) {
                return scene.journal.note(fault.name, what)
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw CommandError(
            "`\(fault.name)` could not be done for two minutes",
            try: "millrace status\(plan.dataFlag)")
    }
}
