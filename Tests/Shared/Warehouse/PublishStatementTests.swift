import Kit
import Pipelines
import Postgres
import Testing
import Warehouse

@Suite(
    "The publish statement", .enabled(if: TestWarehouse.isAvailable, "\(TestWarehouse.missing)"),
    .serialized, .timeLimit(.minutes(5)))
struct PublishStatementTests {
    private let staging = TableName(TableName.stagingSchema, "b \"1\"")

    @Test("lets the newest win, in any order of the batches")
    func newestWins() async throws {
        let batches = ["(1, 'old', 1, 0)", "(1, 'new', 3, 0)", "(1, 'middle', 2, 0)"]
        for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2], [1, 2, 0]] {
            try await withWarehouse { pool in
                for index in order { _ = try await publish(batches[index], pool) }
                #expect(try await values(pool, "select text from shop.reviews") == ["new"])
            }
        }
    }

    @Test(
        "keeps the table's row on a tie, and any row that knows its time against one that does not",
        arguments: [
            ("(1, 'present', 2, 0)", "(1, 'incoming', 2, 0)", "present", 0),
            ("(1, 'present', 2, 0)", "(1, 'incoming', null, 0)", "present", 0),
            ("(1, 'present', null, 0)", "(1, 'incoming', null, 0)", "present", 0),
            ("(1, 'present', null, 0)", "(1, 'incoming', 1, 0)", "incoming", 1),
        ])
    func ties(present: String, incoming: String, winner: String, published: Int) async throws {
        try await withWarehouse { pool in
            _ = try await publish(present, pool)
            let counts = try await publish(incoming, pool)
            #expect(counts.map { $0["published"] } == ["\(published)"])
            #expect(try await values(pool, "select text from shop.reviews") == [winner])
        }
    }

    @Test("counts per object, and leaves the rows of other objects out")
    func perObject() async throws {
        try await withWarehouse { pool in
            _ = try await publish("(1, 'a', 5, 0)", pool)
            let rows = "(1, 'b', 4, 0), (2, 'b', 1, 0), (3, 'c', 1, 1), (4, 'd', 1, 2)"
            let counts = try await publish(rows, pool, sources: [(0, 10), (2, 12), (3, 13)])
                .sorted { ($0["object"] ?? "") < ($1["object"] ?? "") }
            #expect(counts.map { $0["staged"] } == ["2", "1", "0"])
            #expect(counts.map { $0["published"] } == ["1", "1", "0"])
            let ids = try await values(pool, "select id from shop.reviews order by id")
            #expect(ids == ["1", "2", "4"])
            let sources = try await values(pool, "select _source_id from shop.reviews order by id")
            #expect(sources == ["0", "10", "12"])
        }
    }

    @Test("replaces rows where nothing says which is newer, and adds all where rows have no key")
    func otherModes() async throws {
        try await withWarehouse { pool in
            let schema = reviews(newestBy: nil)
            _ = try await publish("(1, 'new', 2, 0)", pool, schema)
            _ = try await publish("(1, 'old', 1, 0)", pool, schema)
            #expect(try await values(pool, "select text from shop.reviews") == ["old"])
        }
        try await withWarehouse { pool in
            let schema = reviews(mode: .append, newestBy: nil)
            _ = try await publish("(1, 'a', 2, 0), (1, 'a', 2, 0)", pool, schema)
            _ = try await publish("(1, 'a', 2, 0)", pool, schema)
            #expect(try await values(pool, "select count(*) from shop.reviews") == ["3"])
        }
    }

    @Test("works on a table whose only columns are its key")
    func onlyKey() async throws {
        try await withWarehouse { pool in
            var schema = reviews(newestBy: nil)
            schema.columns.removeLast(2)
            _ = try await publish("(1, 0)", pool, schema)
            let counts = try await publish("(1, 0)", pool, schema)
            #expect(counts.first?["published"] == "1")
        }
    }

    /// Stages `rows` (SQL values, the object last) and publishes them.
    private func publish(
        _ rows: String, _ pool: PostgresPool, _ schema: TableSchema = reviews(),
        sources: [(object: Int, source: Int)] = [(0, 0)]
    ) async throws -> [PostgresRow] {
        let dialect = PostgresDialect()
        try await prepare(schema, pool)
        let list = sources.map { "{\"object\": \($0.object), \"source_id\": \($0.source)}" }
        return try await pool.transaction { connection in
            try await connection.execute(dialect.createStaging(staging, for: schema))
            try await connection.execute("insert into \(staging.sql) values \(rows)")
            let counts = try await connection.query(
                dialect.publish(staging, into: schema), ["[\(list.joined(separator: ","))]"])
            try await connection.execute("drop table \(staging.sql)")
            return counts
        }
    }
}
