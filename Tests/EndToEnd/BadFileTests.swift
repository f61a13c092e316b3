import Foundation
import Postgres
import Testing

extension EndToEnd {
    @Suite("A bad file")
    struct BadFileTests {
        private static let header =
            "author_id,name,role,profile_url,average_rating,rating_count,text_review_count,"
            + "record_create_timestamp"

        private static func good(_ id: Int) -> String {
            "\(id),Ann Otter,editor,https://a.example/\(id),4.5,10,2,2020-02-19 21:38:16.690535"
        }

        struct Case: Sendable, CustomTestStringConvertible {
            let name: String
            let content: String
            /// Any of these words may be the reason.
            let reasons: Set<String>
            /// What the message has to name.
            let names: String
            /// Ids of the rows that must be published.
            let published: [Int]

            var testDescription: String { name }
        }

        static let cases = [
            Case(
                name: "a broken quote",
                content: "\(header)\n\(good(1))\n2,\"Ann,editor,x,1,1,1,2020-02-19 21:38:16\n",
                reasons: ["malformed", "too_few_fields"], names: "", published: [1]),
            Case(
                name: "a missing column",
                content: "\(header.replacing("rating_count,text", with: "text"))\n"
                    + "1,Ann,editor,x,4.5,2,2020-02-19 21:38:16\n",
                reasons: ["missing_column"], names: "rating_count", published: []),
            Case(
                name: "an unknown column",
                content: "\(header),shoe_size\n\(good(1)),44\n",
                reasons: ["unknown_column"], names: "shoe_size", published: []),
            Case(
                name: "a bad date",
                content: "\(header)\n\(good(1))\n"
                    + good(2).replacing("2020-02-19 21", with: "2020-02-30 21") + "\n\(good(3))\n",
                reasons: ["bad_value"], names: "record_create_timestamp", published: [1, 3]),
            Case(
                name: "a NUL byte",
                content: "\(header)\n\(good(1))\n"
                    + good(2).replacing("Otter", with: "Ot\0ter") + "\n\(good(3))\n",
                reasons: ["nul_byte"], names: "", published: [1, 3]),
        ]

        @Test("ends as rejects with pointed reasons; its good rows are published", arguments: cases)
        func rejected(bad: Case) async throws {
            let stack = try TestStack.required()
            let name = "bad_" + bad.name.lowercased().replacing(" ", with: "_")
            let pipeline = try await TestPipeline.apply(name, stack)
            let file = try stack.newFolder(name).appending(path: "author.csv")
            try bad.content.write(to: file, atomically: true, encoding: .utf8)
            let answer = try await stack.millrace("put", name, "authors", file.path, "--wait")
            // A file of which nothing could go on is a failed gate to whoever waits for it.
            #expect(answer.code == (bad.published.isEmpty ? 3 : 0), "\(answer.errors)")

            let runs = try await pipeline.runs()
            #expect(runs.count == 1)
            #expect(runs.first?.isBalanced == true)
            #expect(runs.first?.published == bad.published.count)
            let rejects = try await stack.millrace(
                "rejects", "list", "--pipeline", name, "--format", "json"
            ).decoded([RejectRecord].self)
            let reject = try #require(rejects.first)
            #expect(bad.reasons.contains(reject.reason), "\(reject.reason): \(reject.message)")
            #expect(
                bad.names.isEmpty || "\(reject.column ?? "") \(reject.message)".contains(bad.names),
                "\(reject.message)")
            try await checkRows(bad, pipeline)
        }

        private func checkRows(_ bad: Case, _ pipeline: TestPipeline) async throws {
            let warehouse = try pipeline.stack.warehouse()
            let exists = try await pipeline.number(
                "select count(*) from pg_tables where schemaname = '\(pipeline.name)'", warehouse)
            guard exists > 0 else {
                #expect(bad.published.isEmpty)
                return
            }
            let sql = "select author_id from \(pipeline.name).authors order by 1"
            let ids = try await warehouse.query(sql).map { try $0.integer("author_id") }
            #expect(ids == bad.published)
        }

        struct RejectRecord: Decodable {
            let reason: String
            let column: String?
            let line: Int?
            let message: String
        }
    }
}
