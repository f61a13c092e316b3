import Foundation
import Kit
import Pipelines
import Testing

/// The rows of `compose/pipelines/BAD-INPUT.md`, section Configuration, each with its outcome.
@Suite("A bad configuration", .timeLimit(.minutes(5)))
struct BadConfigurationTests {
    /// A row of the page: its first words, the pipeline.yaml, and the codes that it gets.
    struct Row: Sendable, CustomTestStringConvertible {
        let input: String
        let yaml: Data
        let codes: Set<DiagnosticCode>
        var testDescription: String { input }

        init(_ input: String, _ yaml: String, _ codes: DiagnosticCode...) {
            self.init(input, Data(yaml.utf8), Set(codes))
        }

        init(_ input: String, _ yaml: Data, _ codes: Set<DiagnosticCode>) {
            self.input = input
            self.yaml = yaml
            self.codes = codes
        }
    }

    static let text: [Row] = [
        Row("more than 1 MiB", "# \(String(repeating: "x", count: 10 << 20))", .tooLarge),
        Row(
            "not UTF-8", Data("name: sh\u{fc}p\n".unicodeScalars.map { UInt8($0.value) }),
            [.badBytes]),
        Row(
            "UTF-16", Data([0xFF, 0xFE]) + Data("name: shop".utf8.flatMap { [$0, 0] }), [.badBytes]),
        Row("NUL or another control character", "name: shop\u{0}\n", .badBytes),
        Row("NUL or another control character", "name: sh\u{7}op\n", .badBytes),
        Row("two documents", yaml() + "\n---\nname: other\n", .refusedYAML),
        Row("a tab that indents", "name: shop\ndatasets:\n\tbooks: {}\n", .syntax),
        Row(
            "anchors and aliases",
            "a: &a [x]\n" + (1...30).map { "b\($0): &b\($0) [*a, *a]\n" }.joined(), .refusedYAML),
        Row(
            "anchors and aliases", "name: shop\ndefaults: {<<: {nulls: [x]}}\n", .ambiguousText,
            .missingKey),
        Row("tags", "name: !!python/object shop\n", .refusedYAML),
        Row("over 32 levels", String(repeating: "[", count: 500_000), .tooLarge),
        Row("over 32 levels", "a: [" + String(repeating: "1,", count: 200_000) + "]", .tooLarge),
        Row("empty file", "\n# nothing\n", .empty),
        Row("half a file", String(yaml().prefix(55)), .syntax),
    ]

    static let keysAndValues: [Row] = [
        Row("an unknown or misspelt key", yaml(top: "colour: red"), .unknownKey),
        Row("a key twice", yaml(top: "schema: a\nschema: b"), .duplicateKey),
        Row("plain `on`, `no`", yaml(columns: "{on: text}", load: "append"), .ambiguousText),
        Row("plain `on`, `no`", yaml(columns: "{Yes: text}", load: "append"), .ambiguousText),
        Row("plain `on`, `no`", yaml(columns: "{null: text}", load: "append"), .ambiguousText),
        Row("plain `on`, `no`", yaml(columns: "{~: text}", load: "append"), .ambiguousText),
        Row(
            "plain `on`, `no`", yaml(columns: "{2020-01-01: text}", load: "append"), .ambiguousText),
        Row("plain `on`, `no`", yaml(columns: "{010: text}", load: "append"), .ambiguousText),
        Row("plain `on`, `no`", yaml(columns: "{1_000: text}", load: "append"), .ambiguousText),
        Row("plain `on`, `no`", yaml(columns: "{12:30 : text}", load: "append"), .ambiguousText),
        Row("plain `on`, `no`", yaml(columns: "{1: text}", load: "append"), .ambiguousText),
        Row("plain `yes`, `2020-01-01`", yaml(top: "description: Yes"), .ambiguousText),
        Row("plain `yes`, `2020-01-01`", yaml(top: "description: 2020-01-01"), .ambiguousText),
        Row("plain `yes`, `2020-01-01`", yaml(top: "description: 12:30:45"), .ambiguousText),
        Row("plain `yes`, `2020-01-01`", yaml(top: "description: 1_000"), .ambiguousText),
        Row("plain `yes`, `2020-01-01`", yaml(top: "description: ~"), .ambiguousText),
        Row("plain `yes`, `2020-01-01`", yaml(top: "defaults: {nulls: [NO]}"), .ambiguousText),
        Row(
            "plain `010`", yaml(columns: column("integer, max: 010"), load: "append"),
            .ambiguousText),
        Row(
            "plain `010`", yaml(columns: column("integer, max: 1_000"), load: "append"),
            .ambiguousText),
        Row(
            "plain `010`", yaml(columns: column("integer, max: 0x1F"), load: "append"),
            .ambiguousText),
        Row(
            "plain `010`", yaml(columns: column("double, max: .inf"), load: "append"),
            .ambiguousText),
        Row(
            "`yes` for a boolean", yaml(columns: column("text, required: yes"), load: "append"),
            .badValue),
        Row("a list for a text", yaml(top: "schema: [a]"), .wrongKind),
        Row("an empty list", yaml(dataset: "checks: []"), .empty),
        Row("a number without its unit", yaml(source: "{files: {path: a, settle: 5}}"), .badValue),
        Row("a secret in clear", yaml(top: "description: postgres://me:geheim@host/db"), .secret),
    ]

    static let rules: [Row] = [
        Row("a required key that is missing", "name: shop\n", .missingKey),
        Row(
            "denied characters in a name", yaml(columns: "{\"a b\": text}", load: "append"),
            .badName),
        Row(
            "a reference to what is not there",
            check("reference: {column: book_id, to: autors.id}"), .unknownTable),
        Row("a reference to what is not there", check("not_null: book"), .unknownColumn),
        Row(
            "a reference to what is not there",
            yaml(models: "models: {m: {sql: \"select 1 from {{boks}}\"}}"), .unknownSlot),
        Row(
            "a reference to what is not there", yaml(models: "models: {m: {sql: models/m.sql}}"),
            .unreadableFile),
        Row(
            "models in a circle",
            yaml(
                models:
                    "models: {a: {sql: \"select 1 from {{b}}, {{books}}\"}, b: {sql: \"select 1 from {{a}}, {{books}}\"}}"
            ), .cycle),
        Row("two datasets that take the same files", twoTables, .sharedFiles),
        Row(
            "`between: [5, 0]`", check("range: {column: book_id, min: 5, max: 0}"), .reversedLimits),
        Row("`between: [5, 0]`", check("range: [0, 5, 9]"), .wrongKind),
        Row("a check with two rules", check("{not_null: book_id, unique: book_id}"), .badCheck),
        Row("a check with an unknown rule", check("{not_nul: book_id}"), .unknownKey),
        Row("a check without its query", check("{name: x, sql: \"\"}"), .empty),
        Row(
            "a severity that cannot be",
            yaml(
                models:
                    "models: {m: {sql: \"select 1 as a from {{books}}\", checks: [{not_null: a, severity: block}]}}"
            ), .lateBlock),
        Row(
            "an environment or variable that is not there", yaml(top: "description: ${nobody}"),
            .unknownVariable),
    ]

    private static func column(_ text: String) -> String { "{a: {type: \(text)}}" }
    private static func check(_ text: String) -> String {
        yaml(dataset: "checks: [\(text.hasPrefix("{") ? text : "{\(text)}")]")
    }
    private static let twoTables = """
        name: shop
        datasets:
          a: {source: {files: x}, columns: {a: text}, load: append}
          b: {source: {files: x}, columns: {a: text}, load: append}
        """

    @Test("gets a pointed word, all of it at once", arguments: text + keysAndValues + rules)
    func refused(row: Row) async throws {
        let (pipeline, report) = try await withFolder { path in
            try row.yaml.write(to: URL(filePath: path + "/pipeline.yaml"))
            return PipelineFolder.read(path)
        }
        #expect(pipeline == nil)
        #expect(Set(report.diagnostics.map(\.code)) == row.codes, "\(report.text(colour: false))")
        for diagnostic in report.diagnostics {
            #expect(!diagnostic.message.isEmpty && diagnostic.line > 0 && diagnostic.column > 0)
        }
        let page = try String(
            contentsOfFile: TestData.packageRoot + "/compose/pipelines/BAD-INPUT.md",
            encoding: .utf8)
        #expect(page.contains("\n| \(row.input)"), "the page lacks a row `\(row.input)…`")
    }

    @Test("is none: Windows line ends, a byte order mark, dates where dates are meant")
    func accepted() throws {
        let text = yaml(columns: "{d: {type: date, min: 2020-01-01}}", load: "append")
        for text in [text.replacing("\n", with: "\r\n"), "\u{FEFF}\(text)"] {
            let (pipeline, report) = try lint(text)
            #expect(pipeline != nil, "\(report.text(colour: false))")
            #expect(report.diagnostics.isEmpty)
        }
    }
}
