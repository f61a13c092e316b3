import Glibc
import Postgres
import Stack

/// The warehouse is so busy that the loader's statements take ten times as long.
struct SlowWarehouse: DrillFault {
    let name = "slow-warehouse"
    let summary = "stops the loader's sessions in the warehouse nine tenths of the time"
    let usualTime: Duration? = .seconds(15)
    let lane = DrillLane.lasting

    func strike(_ scene: DrillScene, for time: Duration) async throws -> String? {
        let warehouse = try scene.context.warehouse()
        let end = ContinuousClock.now + time
        var rounds = 0
        while .now < end {
            if try await slow(scene, warehouse) { rounds += 1 }
            try await Task.sleep(for: .milliseconds(60))
        }
        return rounds > 0 ? "for \(TimeText.seconds(time / .seconds(1)))" : nil
    }

    /// One round: stopped for longer than they run between two of them.
    private func slow(_ scene: DrillScene, _ warehouse: PostgresPool) async throws -> Bool {
        guard let server = try scene.services.process(.warehouse) else { return false }
        let sessions: Set<Int32>
        do {
            let rows = try await warehouse.query(
                "select pid from pg_stat_activity where application_name like 'millrace-loader%'")
            sessions = Set(try rows.map { Int32(try $0.integer("pid")) })
        } catch is PostgresError {
            // Another fault has ended it.
            return false
        }
        let stopped = server.children.filter { sessions.contains($0.id) }
        try await scene.undo.after(
            "continue the loader's sessions",
            { for session in stopped { session.signalAlone(SIGCONT) } },
            {
                for session in stopped { session.signalAlone(SIGSTOP) }
                try await Task.sleep(for: .milliseconds(500))
            })
        return !stopped.isEmpty
    }
}
