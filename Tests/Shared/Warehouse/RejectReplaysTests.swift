import Events
import Kit
import Postgres
import Testing

@testable import Warehouse

@Suite(
    "Rejects that go the way again",
    .enabled(if: TestWarehouse.isAvailable, "\(TestWarehouse.missing)"), .timeLimit(.minutes(5)))
struct RejectReplaysTests {
    private static let object = "01K00000000000000000000001-a.csv"

    @Test("are taken in hand once, however many take them")
    func once() async throws {
        try await withRejects(20) { pool in
            let replays = RejectReplays(pool)
            let filter = RejectFilter(reason: "bad_value")
            let origin = try #require(try await replays.origins(filter).first)
            #expect(origin.records == 20 && !origin.isWhole && origin.run == .published)
            let taken = try await withThrowingTaskGroup(of: RejectReplays.Replay?.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        try await replays.begin(origin, filter, revision: "r", by: "a@b") {
                            "\(ULID())-a.replay-\($0).csv"
                        }
                    }
                }
                return try await group.reduce(into: []) { $0 += [$1].compactMap(\.self) }
            }
            let replay = try #require(taken.first)
            #expect(taken.count == 1 && replay.records == 20)
            #expect(try await replays.unsent() == [replay])
            #expect(try await replays.origins(filter).isEmpty)
            #expect(try await replays.records(of: replay).compactMap(\.line) == Array(2...21))
            let reject = try #require(try await Rejects(pool).list(RejectFilter(), limit: 1).first)
            #expect(reject.state == .replayed && reject.decidedBy == "a@b")

            try await replays.giveBack(replay, lines: [3, 4])
            #expect(try await replays.origins(filter).first?.records == 2)
            try await replays.markSent(replay)
            #expect(try await replays.unsent().isEmpty)
            try await replays.giveBack(replay, lines: nil)
            #expect(try await replays.origins(filter).first?.records == 20)
            #expect(try await values(pool, "select count(*) from millrace.replays") == ["0"])
        }
    }

    @Test("balance with what was read first, over replays of replays too")
    func balance() async throws {
        try await withRejects(10) { pool in
            let replays = RejectReplays(pool)
            let origin = try #require(try await replays.origins(RejectFilter()).first)
            let first = try #require(
                try await replays.begin(origin, RejectFilter(), revision: "r", by: "a@b") {
                    "01K00000000000000000000002-a.replay-\($0).csv"
                })
            let balance = """
                select concat_ws(' ', read, published, superseded, filtered, rejected, under_way)
                from millrace.replayed
                """
            #expect(try await values(pool, balance) == ["110 100 0 0 0 10"])
            try await enter(first.object, read: 10, rejected: 4, pool)
            try await reject(4, of: first.object, pool)
            #expect(try await values(pool, balance) == ["110 106 0 0 4 0"])
            let again = try #require(try await replays.origins(RejectFilter()).first)
            let second = try #require(
                try await replays.begin(again, RejectFilter(), revision: "r", by: "a@b") {
                    "01K00000000000000000000003-a.replay-\($0).csv"
                })
            try await enter(second.object, read: 4, rejected: 1, pool)
            #expect(try await values(pool, balance) == ["110 109 0 0 1 0"])
        }
    }

    @Test("are discarded with who did it, and only the open ones")
    func discard() async throws {
        try await withRejects(3) { pool in
            let rejects = Rejects(pool)
            let ids = try await rejects.list(RejectFilter(), limit: 9).map(\.id)
            #expect(try await rejects.discard(RejectFilter(ids: [ids[0]]), by: "a@b") == 1)
            #expect(try await rejects.discard(RejectFilter(), by: "c@d") == 2)
            let all = try await rejects.list(RejectFilter(state: .discarded), limit: 9)
            #expect(all.map(\.decidedBy) == ["a@b", "c@d", "c@d"])
            #expect(try await rejects.count(RejectFilter(state: .open)) == 0)
        }
    }

    @Test("have the stage that their reason tells when they are older than stages")
    func migration() async throws {
        try await withDatabase { address in
            let pool = PostgresPool(address, size: 1, applicationName: "warehouse tests")
            let before = SystemSchema.migrations.firstIndex(of: SystemSchema.rejectStore) ?? 0
            try await pool.transaction { connection in
                try await connection.execute(
                    "create schema millrace; create schema millrace_staging")
                try await connection.execute(
                    "create table millrace.migrations (number int primary key, applied_at timestamptz default now())"
                )
                for (index, migration) in SystemSchema.migrations.prefix(before).enumerated() {
                    try await connection.execute(migration)
                    try await connection.run(
                        "insert into millrace.migrations (number) values ($1)", ["\(index + 1)"])
                }
                for reason in ["bad_value", "out_of_range", "malformed"] {
                    try await connection.run(
                        """
                        insert into millrace.rejects (pipeline, dataset, batch, object, reason, message)
                        values ('p', 'd', 'b', '01K00000000000000000000001-a.csv', $1, 'm')
                        """, [reason])
                }
            }
            try await SystemSchema.migrate(pool)
            let stages = try await values(
                pool,
                "select concat_ws(' ', stage, state, file) from millrace.rejects order by reject_id"
            )
            #expect(stages == ["cast open a.csv", "contract open a.csv", "read open a.csv"])
        }
    }

    /// A published object of 100 good records and some rejects.
    private func withRejects(
        _ count: Int, _ body: @Sendable (PostgresPool) async throws -> Void
    ) async throws {
        try await withWarehouse { pool in
            try await enter(Self.object, read: 100 + count, rejected: count, pool)
            try await reject(count, of: Self.object, pool)
            try await body(pool)
        }
    }

    private func enter(
        _ object: String, read: Int, rejected: Int, _ pool: PostgresPool
    ) async throws {
        let batch = String(object.prefix(26))
        _ = try await pool.query(
            """
            with run as (
                insert into millrace.runs (batch, pipeline, dataset, revision, state, objects, read,
                    published, superseded, filtered, rejected, times, started_at)
                values ($1, 'p', 'd', 'r', 'published', 1, 0, 0, 0, 0, 0, '{}', now())
            )
            insert into millrace.ledger (pipeline, dataset, batch, revision, object, name, bytes,
                read, published, superseded, filtered, rejected)
            values ('p', 'd', $1, 'r', $2, 'a.csv', 1, $3::int, $3::int - $4::int, 0, 0, $4::int)
            """, [batch, object, "\(read)", "\(rejected)"])
    }

    private func reject(_ count: Int, of object: String, _ pool: PostgresPool) async throws {
        _ = try await pool.query(
            """
            insert into millrace.rejects
                (pipeline, dataset, batch, object, line, reason, message, raw, stage)
            select 'p', 'd', $1, $2, n + 1, 'bad_value', 'm', 'x', 'cast'
            from generate_series(1, $3::int) as n
            """, [String(object.prefix(26)), object, "\(count)"])
    }
}
