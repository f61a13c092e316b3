import Foundation
import Pipelines
import Testing

@Suite("The contract of a dataset")
struct ContractReaderTests {
    private static func contract(_ yaml: String) throws -> Contract {
        let (pipeline, report) = try lint(yaml)
        #expect(report.diagnostics.isEmpty, "\(report.text(colour: false))")
        return try #require(pipeline).datasets[0].contract
    }

    @Test(
        "is one word for all, or a word for each surprise",
        arguments: [
            ("", Contract()),
            ("contract: freeze", Contract(changedTypes: .freeze)),
            (
                "contract: evolve",
                Contract(newColumns: .evolve, missingColumns: .evolve, changedTypes: .evolve)
            ),
            (
                "contract: discard_value",
                Contract(newColumns: .discardValue, changedTypes: .discardValue)
            ),
            (
                "contract: discard_row",
                Contract(newColumns: .discardRow, changedTypes: .discardRow)
            ),
            (
                "contract: {new_columns: evolve, truncated: keep}",
                Contract(newColumns: .evolve, truncated: .keep)
            ),
        ])
    func words(line: String, contract: Contract) throws {
        #expect(try Self.contract(yaml(dataset: line)) == contract)
    }

    @Test("begins with what the defaults say")
    func defaults() throws {
        let top = "defaults: {contract: evolve, nulls: [\"\", NA]}"
        let dataset = "contract: {changed_types: freeze}"
        #expect(
            try Self.contract(yaml(top: top, dataset: dataset))
                == Contract(
                    newColumns: .evolve, missingColumns: .evolve, changedTypes: .freeze,
                    nulls: ["", "NA"]))
    }

    @Test(
        "is checked word by word",
        arguments: [
            Mistake(yaml(dataset: "contract: evolv"), .unknownWord, at: "8:15", "evolve"),
            Mistake(
                yaml(dataset: "contract: {new_colums: evolve}"), .unknownKey, at: "8:16",
                "new_columns"),
            Mistake(
                yaml(dataset: "contract: {missing_columns: discard_row}"), .unknownWord,
                at: "8:33"),
            Mistake(yaml(dataset: "contract: []"), .wrongKind, at: "8:15"),
            Mistake(yaml(dataset: "unknown_fields: ignore"), .unknownKey, at: "8:5"),
        ])
    func mistakes(mistake: Mistake) throws { try mistake.expectAlone() }

    @Test(
        "is read from revisions of earlier releases",
        arguments: [("refuse", Contract()), ("ignore", Contract(newColumns: .discardValue))])
    func earlier(word: String, contract: Contract) throws {
        let pipeline = try #require(try lint(yaml()).pipeline)
        let text = String(decoding: try PipelineJSON.encode(pipeline), as: UTF8.self)
        let own = try #require(text.firstMatch(of: /"unknownFields":\{[^}]*\}/)).output
        let old = text.replacing(own, with: "\"unknownFields\":\"\(word)\"")
        #expect(try PipelineJSON.decode(Data(old.utf8)).datasets[0].contract == contract)
    }
}

@Suite("Columns that come from the data")
struct InferredColumnsTests {
    private static func inferring(_ rest: String = "", load: String = "append") -> String {
        yaml(columns: "infer", load: load, dataset: rest)
    }

    @Test("are none in the revision, and each may be new")
    func infer() throws {
        let (pipeline, report) = try lint(Self.inferring("contract: freeze"))
        #expect(report.diagnostics.isEmpty, "\(report.text(colour: false))")
        let dataset = try #require(pipeline?.datasets.first)
        #expect(dataset.columns.isEmpty)
        #expect(dataset.contract.newColumns == .evolve)
    }

    @Test(
        "are nothing that the pipeline can name",
        arguments: [
            Mistake(inferring(load: "{mode: merge, key: id}"), .unknownColumn, at: "7:30"),
            Mistake(yaml(columns: "infre"), .wrongKind, at: "6:14"),
        ])
    func names(mistake: Mistake) throws {
        let (_, report) = try lint(mistake.yaml)
        #expect(report.diagnostics.contains { $0.code == mistake.code })
    }

    @Test("leave a transform nothing to work with")
    func transform() throws {
        let (_, report) = try lint(Self.inferring("transform: \"select * from {{input}}\""))
        #expect(report.diagnostics.map(\.code) == [.misplacedOption])
    }
}

@Suite("A column that is declared afterwards")
struct ColumnInsertionTests {
    private static let columns: [ColumnInsertion.Declaration] = [
        .init(name: "zip_code", field: "zip\"Code", type: .text),
        .init(name: "size", field: "size", type: .bigint),
    ]
    private static let lines = [
        #"zip_code: {type: text, field: "zip\"Code", optional: true}"#, "size: bigint optional",
    ]

    private static func folder(_ columns: String) -> String {
        """
        name: shop   # ours
        datasets:
          books:
            source: {files: books}
            columns:\(columns)
            load: append

          # the others
          users: {source: {files: users}, columns: {id: text}, load: append}

        """
    }

    @Test(
        "goes behind the others, and nothing else changes",
        arguments: [
            (
                "\n      id: bigint required  # the key\n      name:\n        type: text\n      # the end",
                "\n      id: bigint required  # the key\n      name:\n        type: text\n      "
                    + lines.joined(separator: "\n      ") + "\n      # the end"
            ),
            (
                " {id: bigint, name: {type: text, nulls: [\"}\"]}}",
                " {id: bigint, name: {type: text, nulls: [\"}\"]}, "
                    + lines.joined(separator: ", ") + "}"
            ),
            (" infer", "\n      " + lines.joined(separator: "\n      ")),
        ])
    func adding(before: String, after: String) throws {
        let text = try #require(
            ColumnInsertion.adding(Self.columns, to: "books", in: Self.folder(before)))
        #expect(text == Self.folder(after))
        let (pipeline, report) = try lint(text)
        #expect(report.diagnostics.isEmpty, "\(report.text(colour: false))")
        #expect(pipeline?.datasets[0].columns.suffix(2).map(\.field) == ["zip\"Code", "size"])
        #expect(pipeline?.datasets[1].columns.map(\.name) == ["id"])
    }

    @Test("is not guessed where there is no such dataset")
    func unknown() {
        #expect(
            ColumnInsertion.adding(Self.columns, to: "x", in: Self.folder(" {id: text}")) == nil)
        #expect(ColumnInsertion.adding(Self.columns, to: "books", in: "[") == nil)
    }
}

@Suite("The column of a field")
struct ColumnNameTests {
    @Test(
        "is named in snake case",
        arguments: [
            ("zip", "zip"), ("zipCode", "zip_code"), ("ZipCode", "zip_code"), ("ZIP", "zip"),
            ("totalTestResults", "total_test_results"), ("HTTPServer", "http_server"),
            ("Book Title", "book_title"), (" a--b ", "a_b"), ("_id", "id"), ("naïve", "naive"),
            ("2020-01-22", "field_2020_01_22"), ("table", "table_field"), ("x2Y", "x2_y"),
            ("_source_id", "source_id"), ("", "field"), ("%", "field"),
        ])
    func snakeCase(field: String, name: String) {
        #expect(ColumnName.of(field: field) == name)
    }

    @Test("keeps fields apart that have letters of other scripts, or are too long")
    func digests() {
        let long = String(repeating: "abcdefghij", count: 8)
        let fields = ["年", "月", "naam年", "naam月", long + "a", long + "b"]
        let names = fields.map(ColumnName.of)
        #expect(Set(names).count == fields.count)
        #expect(names.allSatisfy { $0.wholeMatch(of: /[a-z][a-z0-9_]{0,39}/) != nil }, "\(names)")
    }
}
