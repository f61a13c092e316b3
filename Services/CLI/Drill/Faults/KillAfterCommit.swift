import Glibc
import Postgres
import Stack

/// The loader ends after it has committed a batch and before anybody could hear of it.
///
/// The broker is stopped first, so that no confirm and no acknowledgement gets through. What was
/// committed is handed to the next loader again and must change nothing.
struct KillAfterCommit: DrillFault {
    let name = "kill-after-commit"
    let summary = "SIGKILL to the loader between its commit and its acknowledgement"
    let times = 3
    let weight = 2
    let lane = DrillLane.servers

    func strike(_ scene: DrillScene, for time: Duration) async throws -> String? {
        let warehouse = try scene.context.warehouse()
        guard let broker = try scene.services.process(.broker),
            let loader = try scene.services.process(.loader)
        else { return nil }
        let before = try await entries(scene, warehouse)
        var after = before
        try await scene.undo.after(
            "continue the broker",
            { broker.signalAlone(SIGCONT) },
            {
                broker.signalAlone(SIGSTOP)
                let deadline = ContinuousClock.now + .seconds(2)
                while after == before, .now < deadline {
                    try await Task.sleep(for: .milliseconds(20))
                    after = try await entries(scene, warehouse)
                }
                if after > before { loader.signalAlone(SIGKILL) }
            })
        guard after > before else {
            // What is under way needs the broker for a moment before the next try.
            try await Task.sleep(for: .seconds(1))
            return nil
        }
        scene.journal.count("commits unheard of", after - before)
        return "process \(loader.id), \(after - before) commits unheard of"
    }

    private func entries(_ scene: DrillScene, _ warehouse: PostgresPool) async throws -> Int {
        let sql = "select count(*) as count from millrace.ledger where pipeline = $1"
        return try await warehouse.query(sql, [scene.pipeline.name]).first?.integer("count") ?? 0
    }
}
