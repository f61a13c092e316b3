import Foundation
import HTTPServer
import Kit
import Postgres
import Stack
import Synchronization
import Testing

extension EndToEnd {
    @Suite("Calls for each record of another")
    struct HTTPCallTests {
        private static let count = 200

        @Test("fill four tables, each review asked for once, while the ingest is killed")
        func reviews() async throws {
            let stack = try TestStack.required()
            let server = try HTTPServer()
            let asked = Mutex<[Int: Int]>([:])
            let answer: HTTPServer.Responder = { request in
                guard request.query["key"] == "end to end" else {
                    return HTTPServerResponse("who?", status: 401)
                }
                guard let id = request.query["id"].flatMap({ Int($0) }) else {
                    return Self.recent()
                }
                asked.withLock { $0[id, default: 0] += 1 }
                return id % 50 == 7 ? .notFound : Self.review(id)
            }
            let folder = try stack.newFolder("reviewed")
            try Self.yaml(server.port).write(
                to: folder.appending(path: "pipeline.yaml"), atomically: true, encoding: .utf8)
            let warehouse = try stack.warehouse()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await server.run(answer) }
                let applied = try await stack.millrace("apply", folder.path)
                #expect(applied.code == 0, "\(applied.errors)")
                for part in 1...2 {
                    try await eventually { asked.withLock { $0.count } >= part * Self.count / 3 }
                    try stack.kill(.ingest)
                }
                let there = Self.count - 4
                try await eventually { try await Self.rows("reviews", warehouse) == there }
                try await eventually { try await Self.rows("users", warehouse) == there }
                try await eventually { try await Self.rows("books", warehouse) == 10 }
                try await eventually { try await Self.rows("authors", warehouse) == 20 }
                group.cancelAll()
            }
            let calls = asked.withLock { $0 }
            #expect(calls.count == Self.count)
            // Each kill costs what was not written: a moment's calls, at a hundred a second.
            #expect(calls.values.reduce(0, +) < Self.count + 2 * 100)
            let sums = try await warehouse.query(
                """
                select count(*) as orphans from reviewed.reviews r
                left join reviewed.users u using (user_id) left join reviewed.books b using (book_id)
                left join reviewed.authors a using (author_id)
                where u.user_id is null or b.book_id is null or a.author_id is null or r.body <> 'ab c'
                """)
            #expect(sums.first?["orphans"] == "0")
        }

        private static func rows(_ table: String, _ warehouse: PostgresPool) async throws -> Int {
            let there = try await warehouse.query(
                "select to_regclass('reviewed.\(table)') as name")
            guard there.first?["name"] != nil else { return 0 }
            let rows = try await warehouse.query("select count(*) as count from reviewed.\(table)")
            return Int((rows.first?["count"] ?? nil) ?? "") ?? 0
        }

        private static func xml(_ text: String) -> HTTPServerResponse {
            HTTPServerResponse(
                "<?xml version=\"1.0\"?>\n<GoodreadsResponse>\(text)</GoodreadsResponse>",
                contentType: "application/xml")
        }

        private static func recent() -> HTTPServerResponse {
            // What is not `same_by` differs each time.
            let reviews = (1...count).map { "<review><id>\($0)</id><at>\(UUID())</at></review>" }
            return xml("<reviews>\(reviews.joined())</reviews>")
        }

        private static func review(_ id: Int) -> HTTPServerResponse {
            let book = id % 10
            let authors = [book, book + 10].map { "<author><id>\($0)</id></author>" }.joined()
            return xml(
                """
                <review><id>\(id)</id><user><id>\(id + 1000)</id><name>x</name></user>
                <book><id type="integer">\(book)</id><title/><authors>\(authors)</authors></book>
                <body>a&lt;br/&gt;b  c &amp;nbsp;</body></review>
                """)
        }

        private static func yaml(_ port: UInt16) -> String {
            """
            name: reviewed
            defaults: {contract: {new_columns: discard_value}}
            sources:
              goodreads:
                url: http://127.0.0.1:\(port)
                auth: {api_key: {parameter: key, value: "${secret:end_to_end}"}}
                every: 1s
                rate: 100/s
                calls:
                  recent:
                    {path: /recent.xml, format: xml, records: GoodreadsResponse.reviews.review, same_by: id}
                  details:
                    path: /show.xml
                    parameters: {id: "{recent.id}"}
                    format: {xml: {lists: [author]}}
                    records: GoodreadsResponse.review
                    responses: [{status: 404, then: skip}]
            datasets:
              reviews:
                source:
                  call: goodreads.details
                  with: {user_id: user.id, book_id: book.id, author_id: book.authors.author.id, seen_at: "{asked_at}"}
                columns:
                  review_id: {type: bigint, field: id, required: true}
                  user_id: bigint
                  book_id: bigint
                  author_id: bigint
                  body: {type: text, strip_html: true, collapse_whitespace: true}
                  seen_at: timestamptz
                load: {mode: merge, key: review_id, newest_by: seen_at}
              users:
                source: {call: goodreads.details, records: user, with: {seen_at: "{asked_at}"}}
                columns: {user_id: {type: bigint, field: id}, name: text, seen_at: timestamptz}
                load: {mode: merge, key: user_id, newest_by: seen_at}
              books:
                source: {call: goodreads.details, records: book, with: {seen_at: "{asked_at}"}}
                columns: {book_id: {type: bigint, field: id}, title: text, seen_at: timestamptz}
                load: {mode: merge, key: book_id, newest_by: seen_at}
              authors:
                source: {call: goodreads.details, records: book.authors.author, with: {seen_at: "{asked_at}"}}
                columns: {author_id: {type: bigint, field: id}, seen_at: timestamptz}
                load: {mode: merge, key: author_id, newest_by: seen_at}
            """
        }
    }
}
