import Pipelines
import Testing

@Suite("A variable")
struct VariableTests {
    private static func shop(
        _ variables: String, path: String = "in", columns: String = "{a: text}", more: String = ""
    ) -> String {
        """
        name: shop
        variables: \(variables)
        datasets:
          books: {source: {files: "\(path)"}, columns: \(columns), load: append}
        \(more)
        """
    }

    @Test("stands in any value, alone or in a text, and may name the ones above it")
    func filled() throws {
        let text = Self.shop(
            "{partner: acme, inbox: \"${partner}/in\", least: 3, tidy: true}",
            path: "${inbox}/books",
            columns: "{a: {type: text, collapse_whitespace: \"${tidy}\", nulls: [\"$${x}\"]}}",
            more: """
                models:
                  m: {sql: "select 1 from {{books}}", checks: [{row_count: {min: "${least}"}}]}
                """)
        let (pipeline, report) = try lint(text)
        #expect(report.diagnostics.isEmpty, "\(report.text(colour: false))")
        let books = try #require(pipeline?.datasets.first)
        guard case .files(let source) = books.source else { return }
        #expect(source.path == "acme/in/books")
        #expect(books.columns[0].collapsesWhitespace)
        #expect(books.columns[0].nulls == ["${x}"])
        #expect(pipeline?.models[0].checks[0].rule == .rowCount(minimum: 3, maximum: nil))
    }

    @Test("is no part of keys and of SQL, but names files of SQL")
    func where_() throws {
        let yaml = Self.shop(
            "{kind: best}",
            more: """
                models:
                  m: {sql: "models/${kind}.sql"}
                  n: {sql: "select '${kind}' from {{books}}"}
                """)
        let (pipeline, report) = try lint(
            yaml, files: ["models/best.sql": "select 2 from {{books}}"])
        #expect(report.diagnostics.isEmpty, "\(report.text(colour: false))")
        #expect(
            pipeline?.models.map(\.sql) == [
                "select 2 from {{books}}", "select '${kind}' from {{books}}",
            ])
    }

    @Test(
        "brings no structure with it", arguments: ["\"a, b: c\"", "\"x\\n  load: merge\"", "'}'"])
    func injection(value: String) throws {
        let (pipeline, report) = try lint(Self.shop("{v: \(value)}", path: "${v}"))
        #expect(report.errors == 0, "\(report.text(colour: false))")
        guard case .files(let source) = try #require(pipeline).datasets[0].source else { return }
        #expect(!source.path.contains("$"))
        #expect(pipeline?.datasets[0].load.mode == .append)
    }

    @Test(
        "is refused with its place",
        arguments: [
            Mistake(
                shop("{partner: acme}", path: "in/${partnr}/x", more: "description: ${partner}"),
                .unknownVariable, at: "4:31", "partner"),
            Mistake(
                shop("{a: x}", path: "${b}", more: "description: ${a}"), .unknownVariable,
                at: "4:28", "a"),
            Mistake(shop("{a: x}", path: "in/${a"), .syntax, at: "4:31"),
            Mistake(shop("{a: x}"), .unusedVariable, at: "2:13"),
            Mistake(shop("{a: [x]}", more: "description: ${a}b"), .wrongKind, at: "2:16"),
            Mistake(shop("{a: no}", more: "description: ${a}b"), .ambiguousText, at: "2:16"),
            Mistake(shop("{A: x}", more: "description: ${A}"), .badName, at: "2:13", "a"),
            Mistake(
                shop("{a: x}", more: "defaults: {nulls: [${a}]}"), .syntax, at: "5:21"),
            Mistake(shop("{a: 2020-01-01}", more: "description: ${a}"), .ambiguousText, at: "5:14"),
            Mistake(
                shop("{a: x}", columns: "{a: {type: text, required: \"${a}\"}}"), .badValue,
                at: "4:70"),
            Mistake(
                shop("{a: x, b: \"${c}\"}", more: "description: ${a}${b}"), .unknownVariable,
                at: "2:23", "a"),
            Mistake(
                shop("{a: bigit}", columns: "{a: \"${a} required\"}"), .unknownWord, at: "4:47",
                "bigint"),
        ])
    func refused(mistake: Mistake) throws { try mistake.expectAlone() }

    @Test("cannot blow a small file up")
    func bomb() throws {
        var lines = ["  a0: \"0123456789\""]
        for n in 1...30 {
            lines.append("  a\(n): \"${a\(n - 1)}${a\(n - 1)}${a\(n - 1)}${a\(n - 1)}\"")
        }
        let report = try lint(
            "name: shop\nvariables:\n\(lines.joined(separator: "\n"))\ndescription: ${a30}\n"
                + "datasets: {b: {source: {files: x}, columns: {a: text}, load: append}}\n"
        ).report
        #expect(report.diagnostics.contains { $0.code == .tooLarge })
    }

    @Test("gets another value from the caller, who cannot set what is not there")
    func overrides() throws {
        let yaml = Self.shop("{partner: acme}", path: "${partner}/in")
        var choice = PipelineFolder.Choice(variables: ["partner": "zeta"])
        let pipeline = try #require(try lint(yaml, choice).pipeline)
        guard case .files(let source) = pipeline.datasets[0].source else { return }
        #expect(source.path == "zeta/in")
        choice.variables = ["partnr": "zeta"]
        let report = try lint(yaml, choice).report
        #expect(report.diagnostics.map(\.code) == [.unknownVariable])
        #expect(report.diagnostics.first?.suggestion == "partner")
    }
}
