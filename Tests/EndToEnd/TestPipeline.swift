import Foundation
import Kit
import Postgres
import Stack
import Testing

/// The GoodReads pipeline under a name of its own, so that tests do not see one another's rows.
struct TestPipeline: Sendable {
    static let datasets = ["authors", "books", "reviews", "users"]
    static let models = [
        "popular_authors_review_count", "popular_authors_average_rating", "best_authors",
        "popular_books_review_count", "popular_books_average_rating", "best_books",
    ]

    let name: String
    let stack: TestStack

    /// Applies it.
    static func apply(
        _ name: String, _ stack: TestStack, edit: (String) -> String = { $0 }
    ) async throws -> TestPipeline {
        let folder = try stack.newFolder(name).appending(path: "goodreads")
        let original = URL(filePath: TestData.packageRoot).appending(
            path: "compose/pipelines/goodreads")
        try FileManager.default.copyItem(at: original, to: folder)
        let file = folder.appending(path: "pipeline.yaml")
        let text = try String(contentsOf: file, encoding: .utf8)
            .replacing("name: goodreads\n", with: "name: \(name)\n")
            .replacing("path: goodreads\n", with: "path: \(name)\n")
        try edit(text).write(to: file, atomically: true, encoding: .utf8)
        let answer = try await stack.millrace("apply", folder.path)
        try #require(answer.code == 0, "\(answer.errors)")
        return TestPipeline(name: name, stack: stack)
    }

    /// Hands a file over and waits until it is published.
    func put(_ dataset: String, _ file: URL, again: Bool = false) async throws {
        let words = ["put", name, dataset, file.path, "--wait"] + (again ? ["--again"] : [])
        let answer = try await stack.millrace(words)
        try #require(answer.code == 0, "\(answer.text)\(answer.errors)")
    }

    /// Drops a file into the inbox: written aside, then renamed.
    func drop(_ file: URL) throws {
        let inbox = URL(filePath: stack.folder.inbox, directoryHint: .isDirectory)
            .appending(path: name, directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: inbox, withIntermediateDirectories: true)
        let aside = inbox.appending(path: ".\(file.lastPathComponent).part")
        try FileManager.default.copyItem(at: file, to: aside)
        try FileManager.default.moveItem(
            at: aside, to: inbox.appending(path: file.lastPathComponent))
    }

    /// Returns when no model is older than the tables that it is made of.
    func waitForModels(_ warehouse: PostgresPool) async throws {
        let sql = """
            select count(*) as fresh from millrace.models as model
            where pipeline = $1 and not exists (
                select from millrace.runs as run
                where run.pipeline = $1 and run.state = 'published' and run.published > 0
                    and run.dataset in (
                        'reviews', case when model like '%author%' then 'authors' else 'books' end)
                    and not pg_visible_in_snapshot(run.published_in, model.snapshot))
            """
        try await eventually(within: .seconds(60), "the models of \(name) are fresh") {
            let rows = try await warehouse.query(sql, [name])
            return rows.first?["fresh"] == "\(Self.models.count)"
        }
    }

    /// The tables' declared columns in the order of their keys, as bytes that can be compared.
    func dump(_ warehouse: PostgresPool) async throws -> [String: String] {
        var dump: [String: String] = [:]
        for table in Self.datasets + Self.models {
            let sql = """
                select md5(string_agg(line, chr(10) order by line)) as digest
                from (
                    select (to_jsonb(rows) - '_source_id')::text as line
                    from \(quotedIdentifier(name)).\(quotedIdentifier(table)) as rows
                ) as lines
                """
            dump[table] = try await warehouse.query(sql).first?["digest"] ?? "empty"
        }
        return dump
    }

    /// One number that the warehouse answers; `{}` in the question is the schema.
    func number(_ sql: String, _ warehouse: PostgresPool) async throws -> Int {
        let sql = sql.replacing("{}", with: quotedIdentifier(name))
        let value = try await warehouse.query(sql).first?.values.first ?? nil
        return try #require(value.flatMap { Int($0) })
    }
}
