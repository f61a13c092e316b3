import Foundation
import Testing

extension EndToEnd {
    @Suite("A row's way, and a run again")
    struct TraceTests {
        @Test("is followed back to the line and forward to the rows, also behind a replay")
        func way() async throws {
            let stack = try TestStack.required()
            let folder = try stack.newFolder("traced")
            try Self.write("concat(name, '?')", to: folder)
            #expect(try await stack.millrace("apply", folder.path).code == 0)
            let file = folder.appending(path: "people.csv")
            try "id,name\n7,\"Ann\n of two lines\"\n8,Bob\n9,\n".write(
                to: file, atomically: true, encoding: .utf8)
            let put = try await stack.millrace(
                "put", "traced", "people", file.path, "--wait", "--format", "json")
            let run = try #require(try put.decoded([Put].self).first?.run)

            let row = try #require(try await Self.trace(stack, "traced.people", "id=8"))
            #expect(row.run == run && row.name == "people.csv" && row.gaps.isEmpty)
            #expect(row.row.name == "Bob?")
            #expect(row.raw.map(\.text).contains("8,Bob"))
            let page = try await stack.millrace("trace", "traced.people", "id=8")
            for word in ["people.csv", run, "8,Bob", "revision", "working/traced/people"] {
                #expect(page.text.contains(word), "\(page.text)")
            }

            try Self.write("concat(name, '!')", to: folder)
            #expect(try await stack.millrace("apply", folder.path).code == 0)
            let replay = try await stack.millrace(
                "replay", run, "--current", "--wait", "--format", "json")
            #expect(replay.code == 0, "\(replay.errors)")
            let again = try #require(try await Self.trace(stack, "traced.people", "id=8"))
            #expect(again.row.name == "Bob!" && again.replay_of == run)
            #expect(again.revision != row.revision && again.raw.map(\.text).contains("8,Bob"))

            let objects = try await stack.millrace("trace", "people.csv", "--format", "json")
            let states = try objects.decoded([TracedObject].self)
            #expect(Set(states.map(\.state)) == ["published", "replaced"])
            let published = try #require(states.first { $0.state == "published" })
            #expect(published.rows == 2 && published.rejected == 1)
            #expect(published.keys == ["id=7", "id=8"])

            let old = try await stack.millrace("replay", run)
            #expect(old.code == 2 && old.errors.contains("has replaced it"), "\(old.errors)")
            let load = try await stack.millrace(
                "replay", try #require(again.run), "--from", "load", "--wait")
            #expect(load.code == 0, "\(load.errors)")
            #expect(try await Self.trace(stack, "traced.people", "id=8")?.row.name == "Bob!")
        }

        @Test("says what it does not find, and what is nearest")
        func mistakes() async throws {
            let stack = try TestStack.required()
            let folder = try stack.newFolder("traced")
            try Self.write("name", to: folder, pipeline: "mistraced")
            #expect(try await stack.millrace("apply", folder.path).code == 0)
            for (words, text) in [
                (["mistraced.peple", "id=1"], "people"), (["mistraced.people", "ident=1"], "id"),
                (["mistraced.people"], "which row"), (["nobody.csv"], "neither"),
                (["--source-id", "999999"], "no entry"),
            ] {
                let answer = try await stack.millrace(["trace"] + words)
                #expect(answer.code != 0 && answer.errors.contains(text), "\(answer.errors)")
                #expect(answer.errors.contains("try:"))
            }
        }

        private static func write(
            _ expression: String, to folder: URL, pipeline: String = "traced"
        ) throws {
            let text = """
                name: \(pipeline)
                datasets:
                  people:
                    source: {files: {path: \(pipeline)}}
                    columns:
                      id: bigint required
                      name: text required
                    transform: select id, \(expression) as name, _object, _line from {{input}}
                    load: {mode: merge, key: id}

                """
            try text.write(
                to: folder.appending(path: "pipeline.yaml"), atomically: true, encoding: .utf8)
        }

        private static func trace(_ stack: TestStack, _ words: String...) async throws -> Row? {
            let answer = try await stack.millrace(["trace"] + words + ["--format", "json"])
            try #require(answer.code == 0, "\(answer.errors)")
            return try answer.decoded([Row].self).first
        }

        private struct Put: Decodable { let run: String? }

        private struct Row: Decodable {
            struct Person: Decodable { let name: String }

            struct Raw: Decodable {
                let line: Int
                let text: String
            }
            let row: Person
            let run: String?
            let name: String?
            let revision: String?
            let replay_of: String?
            let raw: [Raw]
            let gaps: [String]
        }

        private struct TracedObject: Decodable {
            let state: String
            let rows: Int
            let rejected: Int?
            let keys: [String]
        }
    }
}
