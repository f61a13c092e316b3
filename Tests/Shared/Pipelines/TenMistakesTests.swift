import Foundation
import Pipelines
import Testing

@Suite("A pipeline with ten mistakes")
struct TenMistakesTests {
    private static let text = """
        name: shop
        datasts:
          books:
            source: {files: {path: books}}
        parameters:
          top_n: {type: integr, value: 10}
        datasets:
          books:
            source: {files: {path: books, settel: 1s}}
            columns:
              book_id: bigint requird
              title: {type: text, formt: x}
              seen_at: timestamp
            load: {mode: merg, key: book_id, newest_by: seen}
            checks:
              - not_nul: book_id
              - range: {column: book_di, min: 5, max: 1}
              - reference: {column: book_id, to: boks.book_id}
                severity: wran
        models:
          best: {sql: models/bst.sql}

        """

    private struct Mistake: Equatable {
        let place: String
        let code: DiagnosticCode
        let suggestion: String?
    }

    @Test("gets all of them named at once, with place and nearest right word")
    func all() throws {
        let (pipeline, report) = try lint(
            Self.text, files: ["models/best.sql": "select * from {{books}} limit {{top_n}}"])
        #expect(pipeline == nil)
        let found = report.diagnostics.filter { $0.severity == .error }.map {
            Mistake(place: "\($0.line):\($0.column)", code: $0.code, suggestion: $0.suggestion)
        }
        let expected: [Mistake] = [
            .init(place: "2:1", code: .unknownKey, suggestion: "datasets"),
            .init(place: "6:17", code: .unknownWord, suggestion: "integer"),
            .init(place: "9:35", code: .unknownKey, suggestion: "settle"),
            .init(place: "11:23", code: .unknownWord, suggestion: "required"),
            .init(place: "12:27", code: .unknownKey, suggestion: "format"),
            .init(place: "14:18", code: .unknownWord, suggestion: "merge"),
            .init(place: "14:49", code: .unknownColumn, suggestion: "seen_at"),
            .init(place: "16:9", code: .unknownKey, suggestion: "not_null"),
            .init(place: "17:25", code: .unknownColumn, suggestion: "book_id"),
            .init(place: "17:39", code: .reversedLimits, suggestion: nil),
            .init(place: "18:42", code: .unknownTable, suggestion: "books"),
            .init(place: "19:19", code: .unknownWord, suggestion: "warn"),
            .init(place: "21:15", code: .unreadableFile, suggestion: "models/best.sql"),
        ]
        #expect(found == expected, "\(report.text(colour: false))")
    }

    @Test("is shown with the line, a caret and what to do")
    func text() throws {
        let (_, report) = try lint("name: shop\ndatasets: {}\nmodles: {}\n")
        let text = report.text(colour: false).replacing(report.folder, with: "F")
        #expect(
            text == """
                F/pipeline.yaml:2:11: error[E017] there are no datasets in it
                   1 | name: shop
                   2 | datasets: {}
                     |           ^^
                F/pipeline.yaml:3:1: error[E014] unknown key `modles` in the pipeline
                   2 | datasets: {}
                   3 | modles: {}
                     | ^^^^^^ did you mean `models`?
                     = keys there: name, description, inputs, variables, environments, schema, \
                trigger, retention, alerts, defaults, parameters, sources, datasets, models

                2 errors     millrace lint --explain E017

                """)
        #expect(report.text(colour: true).contains("\u{1B}[1;31merror[E014]\u{1B}[0m"))
    }

    @Test("is the same as JSON")
    func json() throws {
        let (_, report) = try lint("name: shop\ndatasets: {}\nmodles: {}\n")
        let object = try JSONSerialization.jsonObject(with: Data(report.json().utf8))
        let root = try #require(object as? [String: Any])
        let first = try #require((root["diagnostics"] as? [[String: Any]])?.last)
        #expect(root["errors"] as? Int == 2)
        #expect(first["code"] as? String == "E014")
        #expect(first["file"] as? String == "pipeline.yaml")
        #expect(first["line"] as? Int == 3)
        #expect(first["column"] as? Int == 1)
        #expect(first["suggestion"] as? String == "models")
    }

    @Test("is explained, whatever it is", arguments: DiagnosticCode.allCases)
    func explained(code: DiagnosticCode) {
        #expect(code.explanation.count > 40)
        #expect(!code.explanation.contains("  "))
        #expect(DiagnosticCode(rawValue: code.rawValue) == code)
    }
}
