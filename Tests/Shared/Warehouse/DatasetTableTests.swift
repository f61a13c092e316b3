import Events
import Kit
import Pipelines
import Postgres
import Testing
import Warehouse

@Suite(
    "A dataset's table", .enabled(if: TestWarehouse.isAvailable, "\(TestWarehouse.missing)"),
    .serialized, .timeLimit(.minutes(5)))
struct DatasetTableTests {
    @Test("is recognised again in every column type")
    func types() async throws {
        try await withWarehouse { pool in
            let extra = ColumnType.allCases.map {
                Column(name: "a_\($0.rawValue)", field: "x", type: $0)
            }
            try await prepare(reviews(columns: extra), pool)
            try await prepare(reviews(columns: extra), pool)
        }
    }

    @Test("is made once by many at the same moment")
    func concurrent() async throws {
        try await withWarehouse { pool in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 { group.addTask { try await prepare(reviews(), pool) } }
                try await group.waitForAll()
            }
        }
    }

    @Test("gets the columns that it lacks and keeps what others added")
    func widening() async throws {
        try await withWarehouse { pool in
            try await prepare(reviews(), pool)
            try await pool.with {
                try await $0.execute(
                    """
                    alter table shop.reviews add column note text default 'theirs';
                    insert into shop.reviews values (1, 'a', 1, 1);
                    create view shop.titles as select id, text from shop.reviews;
                    """)
            }
            let column = Column(name: "rating \"now\"", field: "rating", type: .integer)
            try await prepare(reviews(columns: [column]), pool)
            let row = try await pool.query("select * from shop.reviews").first
            #expect(row?["note"] == "theirs" && row?["rating \"now\""] == nil)
            #expect(row?.columns.contains("rating \"now\"") == true)
        }
    }

    @Test("is widened once when two want it at the same moment")
    func concurrentWidening() async throws {
        try await withWarehouse { pool in
            try await prepare(reviews(), pool)
            let wider = reviews(columns: [Column(name: "c", field: "c", type: .text)])
            let second = try await pool.transaction { connection in
                try await DatasetTable(wider, dialect: PostgresDialect()).prepare(connection)
                let second = Task { try await prepare(wider, pool) }
                let waiting =
                    "select from pg_stat_activity where wait_event_type = 'Lock' "
                    + "and datname = current_database()"
                while try await pool.query(waiting).isEmpty { await Task.yield() }
                return second
            }
            try await second.value
        }
    }

    @Test("of another type, another key or another maker is refused with the way out")
    func conflicts() async throws {
        try await withWarehouse { pool in
            let refusals = [
                ("create table shop.reviews (id text primary key, _source_id bigint)", "id"),
                (
                    "create table shop.reviews (id bigint, text text primary key, "
                        + "_source_id bigint)", "primary key"
                ),
                ("create table shop.reviews (id bigint primary key)", "_source_id"),
            ]
            for (sql, word) in refusals {
                try await pool.with {
                    try await $0.execute(
                        "drop schema if exists shop cascade; create schema shop; \(sql)")
                }
                let error = await #expect(throws: HandlingError.self) {
                    try await prepare(reviews(), pool)
                }
                #expect(error?.disposition == .permanent)
                #expect(error?.description.contains(word) == true)
            }
        }
    }

    @Test("may have any name")
    func names() async throws {
        try await withWarehouse { pool in
            let awkward = ", NULL'); DROP SCHEMA \"Public\" --"
            var schema = reviews(columns: [Column(name: awkward, field: "x", type: .text)])
            schema.table = TableName("a \"b\"", awkward)
            try await prepare(schema, pool)
            try await prepare(schema, pool)
            let names = try await values(
                pool,
                "select table_name from information_schema.tables where table_schema = 'a \"b\"'")
            #expect(names == [awkward])
        }
    }
}

@Suite("A staging table's name")
struct StagingNameTests {
    @Test(
        "keeps the whole batch within PostgreSQL's 63 bytes",
        arguments: [
            "shop", String(repeating: "long", count: 10), String(repeating: "é", count: 40),
        ])
    func length(pipeline: String) {
        let batch = ULID()
        let table = TableName.staging(pipeline, "reviews", batch: batch)
        #expect(table.name.utf8.count <= 63)
        #expect(table.name.hasSuffix("_\(batch)"))
    }
}
