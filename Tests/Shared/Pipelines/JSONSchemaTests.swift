import Foundation
import Kit
import Pipelines
import Testing
import YAML

@Suite("The JSON Schema")
struct JSONSchemaTests {
    private typealias Schema = SchemaChecker.Schema
    /// Near to no key of the language.
    private static let stranger = "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq"

    @Test("lies beside the language's page as `millrace lint --json-schema` prints it")
    func copy() throws {
        let file = TestData.packageRoot + "/compose/pipelines/pipeline.schema.json"
        let copy = try String(contentsOfFile: file, encoding: .utf8)
        #expect(
            try copy == JSONSchema.pipeline(),
            "millrace lint --json-schema > compose/pipelines/pipeline.schema.json")
    }

    @Test("has each key that the readers accept, and no other; misses what they miss")
    func sameKeys() throws {
        let mappings = Self.mappings(try Self.schema(), path: [])
        #expect(mappings.count > 20)
        for (path, schema) in mappings {
            let yaml = Self.document(path)
            // Inputs are a template's.
            let file = path.first == "inputs" ? "template.yaml" : "pipeline.yaml"
            let report = try lint(folder: [file: yaml, "instances/a.yaml": "{}"]).report
            let unknown = try #require(
                report.diagnostics.first {
                    $0.code == .unknownKey && $0.message.contains(Self.stranger)
                }, "\(path) is read by nobody:\n\(yaml)\(report.text(colour: false))")
            let keys = (schema["properties"] as? Schema ?? [:]).keys.sorted()
            #expect(
                unknown.fix?.replacing("keys there: ", with: "").split(separator: ", ")
                    .map(String.init).sorted() == keys, "\(path)")
            let missing = report.diagnostics.filter {
                $0.code == .missingKey && $0.line >= unknown.line - 1
            }
            let required = Set(schema["required"] as? [String] ?? [])
            #expect(
                required.isSubset(of: missing.compactMap(\.suggestion)),
                "\(path): \(report.text(colour: false))")
        }
    }

    @Test("takes the pipeline that comes with Millrace, and the page's example")
    func examples() throws {
        let folder = TestData.packageRoot + "/compose/pipelines"
        let page = try String(contentsOfFile: "\(folder)/README.md", encoding: .utf8)
        let example = page.components(separatedBy: "```yaml\n")[1].components(separatedBy: "```")[0]
        let goodreads = try String(
            contentsOfFile: "\(folder)/goodreads/pipeline.yaml", encoding: .utf8)
        for text in [example, goodreads] {
            let root = try #require(YAMLDocument(Data(text.utf8)).root)
            #expect(SchemaChecker.problems(root, try Self.schema()) == [])
        }
    }

    @Test(
        "refuses what lint refuses",
        arguments: [
            yaml(top: "nmae: x"), yaml(load: "{mode: mergee, key: book_id}"),
            yaml(columns: "{book_id: bigint requird}"),
            yaml(source: "{files: {path: b, settle: 1}}"),
            yaml(columns: "{Book: text}"), yaml(dataset: "checks: []"),
            yaml(columns: "{b: {type: text, required: 7}}"), "name: shop",
        ])
    func refusals(text: String) throws {
        let root = try #require(YAMLDocument(Data(text.utf8)).root)
        #expect(SchemaChecker.problems(root, try Self.schema()) != [])
        #expect(try lint(text).report.errors > 0)
    }

    private static func schema() throws -> Schema {
        let bytes = Data(try JSONSchema.pipeline().utf8)
        return try #require(try JSONSerialization.jsonObject(with: bytes) as? Schema)
    }

    /// Every mapping with keys of the language, with the way to it.
    private static func mappings(_ schema: Schema, path: [String]) -> [([String], Schema)] {
        if let choices = schema["anyOf"] as? [Schema] {
            return choices.flatMap { mappings($0, path: path) }
        }
        if let items = schema["items"] as? Schema { return mappings(items, path: path + ["-"]) }
        if let values = schema["additionalProperties"] as? Schema {
            return mappings(values, path: path + ["some"])
        }
        guard let properties = schema["properties"] as? [String: Schema] else { return [] }
        return [(path, schema)]
            + properties.sorted { $0.key < $1.key }
            .flatMap { mappings($0.value, path: path + [$0.key]) }
    }

    /// A document with nothing but the way to a mapping, and a strange key in it.
    private static func document(_ path: [String]) -> String {
        var value = "{\(stranger): 1}"
        for step in path.reversed() { value = step == "-" ? "[\(value)]" : "{\(step): \(value)}" }
        return value + "\n"
    }
}
