import Pipelines
import Testing

@Suite("A rule of a format")
struct FormatRuleTests {
    @Test(
        "is kept",
        arguments: [
            Mistake(yaml(dataset: "format: josn"), .unknownWord, at: "8:13", "json"),
            Mistake(yaml(dataset: "format: {json: {}}"), .missingKey, at: "8:20", "records"),
            Mistake(
                yaml(dataset: "format: {json: {record: a}}"), .unknownKey, at: "8:21", "records"),
            Mistake(yaml(dataset: "format: {json: {records: a..b}}"), .badValue, at: "8:30"),
            Mistake(yaml(dataset: "format: {json: {records: [a]}}"), .wrongKind, at: "8:30"),
            Mistake(
                yaml(dataset: "format: {csv: {quote: x}, json: {records: a}}"), .misplacedOption,
                at: "8:13"),
            Mistake(yaml(dataset: "nested: flat"), .unknownWord, at: "8:13", "flatten"),
            Mistake(
                yaml(dataset: "nested: flatten\n    format: parquet"), .misplacedOption, at: "8:5"),
        ])
    func rules(mistake: Mistake) throws { try mistake.expectAlone() }

    @Test(
        "lets these be",
        arguments: [
            ("format: json", Format.json(JSONFormat()), ["*.json", "*.json.gz", "*.json.zst"]),
            ("format: parquet", .parquet, ["*.parquet", "*.parquet.gz", "*.parquet.zst"]),
            (
                "format: {json: {records: data.items}}",
                .json(JSONFormat(path: ["data", "items"])),
                ["*.json", "*.json.gz", "*.json.zst"]
            ),
        ])
    func formats(line: String, format: Format, patterns: [String]) throws {
        let pipeline = try #require(try lint(yaml(dataset: line)).pipeline)
        let dataset = try #require(pipeline.datasets.first)
        #expect(dataset.format == format)
        guard case .files(let files) = dataset.source else { return }
        #expect(files.patterns == patterns)
        let bytes = try PipelineJSON.encode(pipeline)
        #expect(try PipelineJSON.decode(bytes) == pipeline)
    }

    @Test("about nested values leaves no trace where it says the usual")
    func nested() throws {
        let usual = try #require(try lint(yaml()).pipeline)
        #expect(try lint(yaml(dataset: "nested: keep")).pipeline == usual)
        let flat = try lint(yaml(dataset: "nested: flatten")).pipeline
        #expect(flat?.datasets.first?.nested == .flatten)
    }
}
