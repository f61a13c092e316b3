import Events
import Postgres
import Warehouse

/// Waits for the end of a batch.
struct RunWait {
    /// What became of it.
    enum Outcome {
        case ended(Run)
        /// One of its events became a dead letter.
        case setAside(String)
        case underWay
    }

    private let pool: PostgresPool

    init(_ pool: PostgresPool) {
        self.pool = pool
    }

    /// Returns when the batch is published, refused or set aside, or at the limit.
    func end(of batch: ULID, within limit: Duration) async throws -> Outcome {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            if let run = try await Runs(pool).run(of: batch), run.state.isFinal {
                return .ended(run)
            }
            let letters = try await pool.query(
                """
                select letter_id from millrace.dead_letters
                where starts_with(letter_id, $1) and state = 'waiting' limit 1
                """, [batch.description])
            if let letter = try letters.first?.text("letter_id") { return .setAside(letter) }
            try await Task.sleep(for: .milliseconds(50))
        }
        return .underWay
    }
}
