import Foundation
import Postgres
import Testing

/// A day of made-up traffic and what is known about it.
struct Traffic: Sendable {
    let folder: URL
    let answers: Answers

    struct Answers: Decodable, Sendable {
        let tables: [String: Table]
        let orphans: [String: Int]
    }

    struct Table: Decodable, Sendable {
        let file: String
        let read: Int
        let rejected: [String: Int]
        let winners: Int
        let stamps: Int
        let content: Int
    }

    /// Makes it with the command line, once for all who want the same.
    static func make(
        _ stack: TestStack, rows: Int, format: String = "csv"
    ) async throws -> Traffic {
        try await stack.traffic.traffic("\(rows).\(format)") {
            try await generate(stack, rows: rows, format: format)
        }
    }

    private static func generate(
        _ stack: TestStack, rows: Int, format: String
    ) async throws -> Traffic {
        let folder = try stack.newFolder("traffic")
        let answer = try await stack.millrace(
            "faker", "goodreads", "--rows", "\(rows)", "--seed", "7", "--dirty", "3%",
            "--format", format, "--out", folder.path)
        try #require(answer.code == 0, "\(answer.errors)")
        let bytes = try Data(contentsOf: folder.appending(path: "answers.json"))
        return Traffic(
            folder: folder, answers: try JSONDecoder().decode(Answers.self, from: bytes))
    }

    /// The file of a dataset.
    func file(_ dataset: String) throws -> URL {
        folder.appending(path: try #require(answers.tables[dataset]).file)
    }

    /// Compares every table of a pipeline with the answers, and the pipeline's own books.
    func check(_ pipeline: TestPipeline, _ warehouse: PostgresPool) async throws {
        for (dataset, facts) in answers.tables {
            try await checkRows(dataset, facts, pipeline, warehouse)
            try await checkRejects(dataset, facts, pipeline, warehouse)
        }
        try await checkLedger(pipeline, warehouse)
    }

    private func checkRows(
        _ dataset: String, _ facts: Table, _ pipeline: TestPipeline, _ warehouse: PostgresPool
    ) async throws {
        let (id, content) = try #require(Self.measures[dataset])
        let sql = """
            select count(*) as rows, count(distinct \(id)) as ids,
                sum(mod(\(id) * 1000003
                    + (extract(epoch from record_create_timestamp) * 1000000)::bigint, 2147483647))
                    as stamps,
                sum(\(content))::bigint as content
            from \(quotedIdentifier(pipeline.name)).\(dataset)
            """
        let row = try #require(try await warehouse.query(sql).first)
        #expect(try row.integer("rows") == facts.winners, "\(pipeline.name).\(dataset)")
        #expect(try row.integer("ids") == facts.winners, "\(pipeline.name).\(dataset)")
        #expect(try row.integer("stamps") == facts.stamps, "\(pipeline.name).\(dataset)")
        #expect(try row.integer("content") == facts.content, "\(pipeline.name).\(dataset)")
    }

    private func checkRejects(
        _ dataset: String, _ facts: Table, _ pipeline: TestPipeline, _ warehouse: PostgresPool
    ) async throws {
        let sql = """
            select reason, count(*) as count from millrace.rejects
            where pipeline = $1 and dataset = $2 group by reason
            """
        var found: [String: Int] = [:]
        for row in try await warehouse.query(sql, [pipeline.name, dataset]) {
            found[try row.text("reason")] = try row.integer("count")
        }
        #expect(found == facts.rejected, "\(pipeline.name).\(dataset)")
    }

    private func checkLedger(
        _ pipeline: TestPipeline, _ warehouse: PostgresPool
    ) async throws {
        let sql = """
            select count(*) as objects, sum(read) as read,
                sum(published + superseded + filtered + rejected) as accounted
            from millrace.ledger where pipeline = $1
            """
        let row = try #require(try await warehouse.query(sql, [pipeline.name]).first)
        let read = answers.tables.values.map(\.read).reduce(0, +)
        #expect(try row.integer("objects") == answers.tables.count)
        #expect(try row.integer("read") == read)
        #expect(try row.integer("accounted") == read)
    }

    private static let measures = [
        "authors": ("author_id", "rating_count"), "books": ("book_id", "ratings_count"),
        "reviews": ("review_id", "round(review_rating * 100)"),
        "users": ("user_id", "has_image::int"),
    ]
}
