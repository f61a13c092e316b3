import Kit
import Pipelines
import Postgres
import Testing

@Suite(
    "GoodReads on the real sample",
    .enabled(if: TestWarehouse.isAvailable, "\(TestWarehouse.missing)"),
    .enabled(if: SampleWarehouse.folder != nil, "needs the test data: MILLRACE_TEST_DATA"))
struct GoldenTests {
    private func withSample<Value: Sendable>(
        _ body: (inout SampleWarehouse) async throws -> Value
    ) async throws -> Value {
        let folder = TestData.packageRoot + "/compose/pipelines/goodreads"
        let pipeline = try #require(PipelineFolder.read(folder).pipeline)
        return try await withDatabase { address in
            var warehouse = try await SampleWarehouse.load(pipeline, into: address)
            return try await body(&warehouse)
        }
    }

    @Test("has the rows that the sample is known to have")
    func counts() async throws {
        try await withSample { warehouse in
            let counts = try await warehouse.rows(
                """
                select (select count(*) from goodreads.authors),
                    (select count(*) from goodreads.books) as b,
                    (select count(*) from goodreads.reviews) as r,
                    (select count(*) from goodreads.users) as u
                """)
            #expect(counts == [["112", "120", "120", "107"]])
            let perAuthor = try await warehouse.rows(
                """
                select reviews, count(*) as authors from (
                    select count(*) as reviews from goodreads.reviews group by author_id) as each
                group by reviews order by reviews
                """)
            #expect(perAuthor == [["1", "105"], ["2", "6"], ["3", "1"]])
            let first = try await warehouse.rows(
                "select review_added_date at time zone 'UTC' from goodreads.reviews "
                    + "where review_id = 3198455651")
            #expect(first == [["2020-02-20 02:36:17"]])
        }
    }

    @Test("ranks the same on every refresh, ties by id, and no rating is not rating 0")
    func models() async throws {
        try await withSample { warehouse in
            try await warehouse.refresh()
            let first = try await contents(of: warehouse)
            try await warehouse.refresh()
            #expect(try await contents(of: warehouse) == first)

            let authors = try await warehouse.rows(
                "select author_id, review_count from goodreads.popular_authors_review_count "
                    + "order by review_count desc, author_id")
            #expect(authors.count == 10)
            #expect(authors.first == ["14311354", "3"])
            #expect(authors[1...6].allSatisfy { $0[1] == "2" })
            let rated = try await warehouse.rows(
                "select author_id from goodreads.popular_authors_average_rating order by 1")
            let expected = try await warehouse.rows(
                """
                select author_id from goodreads.reviews where review_rating > 0
                group by author_id order by avg(review_rating) desc, author_id limit 10
                """)
            #expect(
                Set(rated.compactMap { $0[0] }) == Set(expected.compactMap { $0[0] }))
        }
    }

    @Test("passes all of its own checks")
    func checks() async throws {
        try await withSample { warehouse in
            try await warehouse.refresh()
            let pipeline = warehouse.pipeline
            let tables =
                pipeline.datasets.map { ($0.name, $0.checks) }
                + pipeline.models.map { ($0.name, $0.checks) }
            for (table, checks) in tables {
                for check in checks {
                    guard let sql = try failing(check, of: table, pipeline) else { continue }
                    let rows = try await warehouse.rows(sql)
                    #expect(rows.isEmpty, "\(table): \(check.name)")
                }
            }
        }
    }

    @Test("takes the window, the number of rows and of reviews from the parameters")
    func parameters() async throws {
        try await withSample { warehouse in
            set("top_n", "3", &warehouse.pipeline)
            set("min_reviews", "2", &warehouse.pipeline)
            try await warehouse.refresh()
            let counted = "select count(*) from goodreads.popular_authors_review_count"
            let rated = "select count(*) from goodreads.popular_books_average_rating"
            #expect(try await warehouse.rows(counted) == [["3"]])
            // No book of the sample has two reviews.
            #expect(try await warehouse.rows(rated) == [["0"]])
            set("window_end", "2020-02-20 02:36:17+00", &warehouse.pipeline)
            set("window_start", "2020-02-20 02:36:10+00", &warehouse.pipeline)
            set("min_reviews", "1", &warehouse.pipeline)
            try await warehouse.refresh()
            // The start belongs to the window, the end does not.
            let inside = "select author_id from goodreads.popular_authors_review_count"
            #expect(try await warehouse.rows(inside) == [["7410834"]])
        }
    }

    private func set(_ name: String, _ value: String, _ pipeline: inout Pipeline) {
        for index in pipeline.parameters.indices where pipeline.parameters[index].name == name {
            pipeline.parameters[index].value = value
        }
    }

    private func contents(of warehouse: SampleWarehouse) async throws -> [[[String?]]] {
        var tables: [[[String?]]] = []
        for model in warehouse.pipeline.models {
            let table = warehouse.pipeline.qualifiedTable(model.name)
            tables.append(
                try await warehouse.rows("select * from \(table) as t order by t.*::text"))
        }
        return tables
    }

    /// SQL for the failing rows of the rules that say something about more than one column.
    private func failing(
        _ check: Check, of table: String, _ pipeline: Pipeline
    ) throws -> String? {
        let name = pipeline.qualifiedTable(table)
        return switch check.rule {
        case .sql(let sql): try pipeline.warehouseSQL(sql, table: name)
        case .reference(let column, let to, let target):
            "select 1 from \(name) where \"\(column)\" not in "
                + "(select \"\(target)\" from \(pipeline.qualifiedTable(to)))"
        case .unique(let columns):
            "select 1 from \(name) group by \(columns.joined(separator: ", ")) "
                + "having count(*) > 1"
        case .range(let column, let minimum, let maximum):
            "select 1 from \(name) where \"\(column)\" < \(minimum ?? "null") "
                + "or \"\(column)\" > \(maximum ?? "null")"
        case .notNull(let column): "select 1 from \(name) where \"\(column)\" is null"
        default: nil
        }
    }
}
