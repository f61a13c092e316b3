import Foundation
import Kit
import Pipelines
import Testing

@Suite("A pipeline's revision")
struct PipelineJSONTests {
    private let folder = TestData.packageRoot + "/compose/pipelines/goodreads"

    @Test("is the same for the same folder and comes back from JSON unchanged")
    func stable() throws {
        let first = try #require(PipelineFolder.read(folder).pipeline)
        let second = try #require(PipelineFolder.read(folder).pipeline)
        let bytes = try PipelineJSON.encode(first)
        #expect(try PipelineJSON.encode(second) == bytes)
        #expect(try PipelineJSON.decode(bytes) == first)
        #expect(try PipelineJSON.encode(PipelineJSON.decode(bytes)) == bytes)
        let revision = PipelineJSON.revision(of: bytes)
        #expect(revision.wholeMatch(of: /[0-9a-f]{12}/) != nil)
    }

    @Test("changes with the SQL and with nothing that does not matter")
    func changes() throws {
        let models = "models: {m: {sql: m.sql}}"
        func revision(_ yaml: String, _ sql: String) throws -> String {
            let pipeline = try #require(try lint(yaml, files: ["m.sql": sql]).pipeline)
            return PipelineJSON.revision(of: try PipelineJSON.encode(pipeline))
        }
        let sql = "select 1 from {{books}}"
        let first = try revision(yaml(models: models), sql)
        #expect(try revision(yaml(top: "# a comment", models: models), sql + ";\n") == first)
        #expect(try revision(yaml(models: models), "select 2 from {{books}}") != first)
        #expect(
            try revision(
                yaml(columns: "{book_id: bigint, seen_at: timestamp}", models: models), sql)
                != first)
    }

    @Test(
        "is written in words, whatever the format and rule",
        arguments: [
            ("format: jsonl", #""format":{"jsonLines":{}}"#),
            ("format: {csv: {delimiter: tab}}", #""format":{"csv":{"delimiter":"\t","#),
            ("format: by_name", #""format":{"byName":{"delimiter":",","#),
            (
                "checks: [{name: a, sql: \"select * from {{table}}\"}]",
                #""rule":{"sql":{"query":"select * from {{table}}"}}"#
            ),
            ("checks: [{row_count: {min: 1}}]", #""rule":{"rowCount":{"minimum":1}}"#),
        ])
    func words(line: String, json: String) throws {
        let pipeline = try #require(try lint(yaml(dataset: line)).pipeline)
        let bytes = try PipelineJSON.encode(pipeline)
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.contains(json), "\(text)")
        #expect(text.contains(#""source":{"files":{"path":"books""#))
        #expect(try PipelineJSON.decode(bytes) == pipeline)
    }
}
