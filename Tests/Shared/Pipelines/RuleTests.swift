import Foundation
import Pipelines
import Testing

/// One mistake: what stands in the YAML, which code it gets, where, and the nearest right word.
struct Mistake: Sendable, CustomTestStringConvertible {
    let yaml: String
    let code: DiagnosticCode
    let at: String
    let suggestion: String?
    let files: [String: String]

    init(
        _ yaml: String, _ code: DiagnosticCode, at: String, _ suggestion: String? = nil,
        files: [String: String] = [:]
    ) {
        self.yaml = yaml
        self.code = code
        self.at = at
        self.suggestion = suggestion
        self.files = files
    }

    var testDescription: String { "\(code.rawValue) at \(at)" }

    /// Lints it and expects exactly this one mistake.
    func expectAlone(sourceLocation: SourceLocation = #_sourceLocation) throws {
        let (_, report) = try lint(yaml, files: files)
        let found = report.diagnostics.map { "\($0.code) \($0.line):\($0.column)" }
        #expect(
            found == ["\(code) \(at)"], "\(report.text(colour: false))",
            sourceLocation: sourceLocation)
        #expect(
            report.diagnostics.first?.suggestion == suggestion, sourceLocation: sourceLocation)
    }
}

@Suite("A rule of the language")
struct RuleTests {
    @Test("leaves a right pipeline alone")
    func right() throws {
        let (pipeline, report) = try lint(yaml())
        #expect(report.diagnostics.isEmpty, "\(report.text(colour: false))")
        #expect(pipeline?.schema == "shop")
    }

    @Test(
        "is kept by the top of the file",
        arguments: [
            Mistake("", .empty, at: "1:1"),
            Mistake("- a\n", .wrongKind, at: "1:1"),
            Mistake("name: shop\nname: shop\n\(tail)", .duplicateKey, at: "2:1"),
            Mistake("name: shop\n---\n", .refusedYAML, at: "2:1"),
            Mistake("name: &a shop\n", .refusedYAML, at: "1:7"),
            Mistake("name: [shop\n", .syntax, at: "1:7"),
            Mistake("name: sh\u{7}op\n", .badBytes, at: "1:9"),
            Mistake("# \(String(repeating: "x", count: 1 << 20))\n", .tooLarge, at: "1:1"),
            Mistake(tail, .missingKey, at: "1:1", "name"),
            Mistake("name: no\n\(tail)", .ambiguousText, at: "1:7"),
            Mistake("name: 0123\n\(tail)", .ambiguousText, at: "1:7"),
            Mistake("name:\n\(tail)", .wrongKind, at: "1:6"),
            Mistake("name: Shop-Floor\n\(tail)", .badName, at: "1:7", "shop_floor"),
            Mistake(
                "name: \(String(repeating: "x", count: 41))\n\(tail)", .badName, at: "1:7",
                String(repeating: "x", count: 40)),
            Mistake("name: table\n\(tail)", .reservedName, at: "1:7"),
            Mistake(yaml(top: "schema: millrace"), .reservedName, at: "2:9"),
            Mistake(yaml(top: "schema: pg_catalog"), .reservedName, at: "2:9"),
            Mistake(yaml(top: "description: 2020-02-01"), .ambiguousText, at: "2:14"),
            Mistake(yaml(top: "defaults: {null: [x]}"), .ambiguousText, at: "2:12"),
            Mistake(yaml(top: "defaults: {nuls: [x]}"), .unknownKey, at: "2:12", "nulls"),
            Mistake(yaml(top: "defaults: {nulls: [no]}"), .ambiguousText, at: "2:20"),
            Mistake(yaml(top: "defaults: {nulls: [x, x]}"), .repeatedItem, at: "2:23"),
            Mistake(yaml(top: "defaults: {contract: drop}"), .unknownWord, at: "2:22"),
            Mistake(
                yaml(top: "defaults: {contract: {new_columns: evolv}}"), .unknownWord, at: "2:36",
                "evolve"),
            Mistake(yaml(top: "defaults: {format: josnl}"), .unknownWord, at: "2:20", "jsonl"),
            Mistake("name: shop\n", .missingKey, at: "1:1", "datasets"),
        ])
    func top(mistake: Mistake) throws { try mistake.expectAlone() }

    private static let tail = """
        datasets: {books: {source: {files: books}, columns: {a: text}, load: append}}

        """

    @Test(
        "is kept by parameters",
        arguments: [
            Mistake(parameters("{n: {type: integer}}"), .missingKey, at: "2:14", "value"),
            Mistake(parameters("{n: {type: int, value: 1}}"), .unknownWord, at: "2:24", "integer"),
            Mistake(
                parameters("{n: {type: integer, value: x}}"), .valueOfOtherType, at: "2:40"),
            Mistake(
                parameters("{n: {type: timestamptz, value: 2020-01-01 00:00:00}}"),
                .valueOfOtherType, at: "2:44"),
            Mistake(
                parameters("{n: {type: date, value: 2021-02-29}}"), .valueOfOtherType, at: "2:37"),
            Mistake(
                yaml(top: "parameters: {n: {type: integer, value: 1}}"), .unusedParameter,
                at: "2:14"),
        ])
    func keptByParameters(mistake: Mistake) throws { try mistake.expectAlone() }

    private static func parameters(_ text: String) -> String {
        yaml(
            top: "parameters: \(text)",
            models: "models: {m: {sql: \"select {{n}} from {{books}}\"}}")
    }

    @Test(
        "is kept by sources and formats",
        arguments: [
            Mistake(yaml(source: "{file: {path: a}}"), .unknownKey, at: "5:14", "files"),
            Mistake(yaml(source: "{files: {patterns: [a]}}"), .missingKey, at: "5:21", "path"),
            Mistake(yaml(source: "{files: {path: ../a}}"), .badPath, at: "5:28"),
            Mistake(
                yaml(source: "{files: {path: a, patterns: [b/c]}}"), .badPath, at: "5:42"),
            Mistake(yaml(source: "{files: {path: a, patterns: []}}"), .empty, at: "5:41"),
            Mistake(yaml(source: "{files: {path: a, settle: 5}}"), .badValue, at: "5:39"),
            Mistake(yaml(dataset: "format: {csv: {delimiter: ab}}"), .badValue, at: "8:31"),
            Mistake(
                yaml(dataset: "format: {csv: {delimiter: \"'\", quote: \"'\"}}"), .badValue,
                at: "8:31"),
            Mistake(
                yaml(dataset: "format: {csv: {delimeter: \";\"}}"), .unknownKey, at: "8:20",
                "delimiter"),
            Mistake(
                yaml(
                    models: """
                          more:
                            source: {files: {path: books}}
                            columns: {a: text}
                            load: append
                        """), .sharedFiles, at: "10:28"),
        ])
    func sources(mistake: Mistake) throws {
        if mistake.code == .sharedFiles {
            let codes = try lint(mistake.yaml).report.diagnostics.map(\.code)
            #expect(Set(codes) == [.sharedFiles])
        } else {
            try mistake.expectAlone()
        }
    }

    @Test("is kept by names, which datasets, models and parameters share")
    func sharedNames() throws {
        let report = try lint(
            yaml(
                top: "parameters: {books: {type: integer, value: 1}}",
                models: "models: {books: {sql: \"select * from {{books}}\"}}")
        ).report
        let found = report.diagnostics.filter { $0.code == .usedName }.map(\.line)
        #expect(found == [4, 9])
    }
}
