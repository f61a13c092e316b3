import Pipelines
import Testing

@Suite("A template")
struct TemplateTests {
    private static let template = """
        name: ${partner}_orders
        inputs:
          partner: {type: text, required: true, description: whose orders}
          top_n: {type: integer, default: 10}
        parameters: {top_n: {type: integer, value: "${top_n}"}}
        datasets:
          orders: {source: {files: "${partner}/orders"}, columns: {a: text}, load: append}
        models: {best: {sql: models/best.sql}}

        """
    private static let sql = "select * from {{orders}} limit {{top_n}}"

    private static func folder(
        _ instances: [String: String], template: String = template
    ) -> [String: String] {
        var files = ["template.yaml": template, "models/best.sql": sql]
        for (name, text) in instances { files["instances/\(name)"] = text }
        return files
    }

    @Test("is a pipeline for each of its instances")
    func many() throws {
        let (pipeline, report) = try lint(
            folder: Self.folder([
                "acme.yaml": "partner: acme\n", "b.yaml": "{partner: zeta, top_n: 3}",
            ]))
        #expect(pipeline == nil)
        #expect(report.diagnostics.isEmpty, "\(report.text(colour: false))")
        #expect(report.pipelines.map(\.name) == ["acme_orders", "zeta_orders"])
        #expect(report.pipelines.map(\.schema) == ["acme_orders", "zeta_orders"])
        #expect(report.pipelines.map { $0.parameters[0].value } == ["10", "3"])
        #expect(report.text(colour: false).contains("2 pipelines"))
    }

    @Test("has its own mistakes told once, and those of each instance at the instance")
    func mistakes() throws {
        let report = try lint(
            folder: Self.folder(
                [
                    "a.yaml": "partner: acme\n", "b.yaml": "# first\npartner: Zeta-1\n",
                    "c.yaml": "top_n: 2\n", "d.yaml": "partner: no\n",
                    "e.yaml": "{partner: e, top_n: many}", "f.yaml": "{partner: f, topn: 5}",
                    "g.yaml": "{partner: [", "h.yaml": "",
                ], template: Self.template.replacing("load: append", with: "load: apend"))
        ).report
        let found = report.diagnostics.map { "\($0.file):\($0.line):\($0.column) \($0.code)" }
        #expect(
            found == [
                "template.yaml:7:76 unknownWord", "instances/b.yaml:2:10 badName",
                "instances/c.yaml:1:1 missingKey", "instances/d.yaml:1:10 ambiguousText",
                "instances/e.yaml:1:21 valueOfOtherType", "instances/f.yaml:1:14 unknownKey",
                "instances/g.yaml:2:1 syntax", "instances/h.yaml:1:1 empty",
            ], "\(report.text(colour: false))")
        #expect(report.pipelines.isEmpty)
        let name = try #require(report.diagnostics.first { $0.code == .badName })
        #expect(name.message == "`Zeta-1_orders` cannot name a pipeline")
        #expect(name.fix?.contains("${partner} in template.yaml:1") == true)
    }

    @Test("cannot give one name, or one folder of files, to two pipelines")
    func twins() throws {
        let same = try lint(
            folder: Self.folder(["a.yaml": "partner: acme\n", "b.yaml": "partner: acme\n"])
        ).report
        #expect(
            same.diagnostics.map { "\($0.file):\($0.line) \($0.code)" }.prefix(2)
                == ["instances/b.yaml:1 usedName", "instances/b.yaml:1 sharedFiles"],
            "\(same.text(colour: false))")
        let fixed = try lint(
            folder: Self.folder(
                ["a.yaml": "partner: acme\n", "b.yaml": "partner: zeta\n"],
                template: Self.template.replacing("\"${partner}/orders\"", with: "orders"))
        ).report
        #expect(
            Set(fixed.diagnostics.map { "\($0.file):\($0.line) \($0.code)" })
                == ["template.yaml:7 sharedFiles"], "\(fixed.text(colour: false))")
    }

    @Test(
        "is refused with its place",
        arguments: [
            ("inputs: {p: {type: text}, q2: {type: text}}", "unusedVariable 2:27", 1),
            ("inputs: {p: {type: txt}}", "unknownWord 2:20", 1),
            ("inputs: {p: {type: text, required: true, default: x}}", "misplacedOption 2:36", 1),
            ("inputs: {p: {type: text, required: false}}", "misplacedOption 2:36", 1),
            ("inputs: {p: {type: integer, default: x}}", "valueOfOtherType 2:38", 1),
            ("inputs: {p: {type: text}}\nvariables: {p: x}", "usedName 3:13", 1),
            ("inputs: {p: {typ: text}}", "unknownKey 2:14", 1),
            ("inputs: {p: {type: text}}", "empty 1:1", 0),
            ("description: none", "missingKey 1:1", 1),
        ])
    func refused(inputs: String, expected: String, instances: Int) throws {
        let template = """
            name: shop_${p}
            \(inputs)
            datasets: {b: {source: {files: b}, columns: {a: text}, load: append}}
            """
        var files = ["template.yaml": template]
        if instances > 0 { files["instances/a.yaml"] = "p: x\n" }
        if inputs.contains("q2:") { files["instances/a.yaml"] = "{p: x, q2: z}\n" }
        let report = try lint(folder: files).report
        let found = report.diagnostics.map { "\($0.code) \($0.line):\($0.column)" }
        #expect(found.contains(expected), "\(report.text(colour: false))")
    }

    @Test("has no pipeline.yaml beside it, and a pipeline no inputs")
    func mixed() throws {
        var files = Self.folder(["a.yaml": "partner: acme\n", "notes.txt": "x"])
        let warned = try lint(folder: files).report
        #expect(
            warned.diagnostics.map { "\($0.file) \($0.code)" } == ["instances/notes.txt unusedFile"]
        )
        files["pipeline.yaml"] = yaml()
        #expect(try lint(folder: files).report.diagnostics.map(\.code).contains(.misplacedOption))
        let (_, report) = try lint(yaml(top: "inputs: {a: {type: text}}"))
        #expect(report.diagnostics.map(\.code) == [.misplacedOption])
        #expect(report.diagnostics.first?.suggestion == "variables")
    }

    @Test("has environments like a pipeline")
    func environments() throws {
        let template = Self.template + "environments: {dev: {schema: \"dev_${partner}\"}}\n"
        let files = Self.folder(["a.yaml": "partner: acme\n"], template: template)
        let choice = PipelineFolder.Choice(environment: "dev")
        #expect(try lint(folder: files, choice).pipeline?.schema == "dev_acme")
        #expect(try lint(folder: files).pipeline?.schema == "acme_orders")
    }
}
