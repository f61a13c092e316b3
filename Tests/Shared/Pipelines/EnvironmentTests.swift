import Pipelines
import Testing

@Suite("An environment")
struct EnvironmentTests {
    private static func shop(_ environments: String, more: String = "") -> String {
        """
        name: shop
        environments: \(environments)
        variables: {root: live}
        parameters: {top_n: {type: integer, value: 10}}
        datasets:
          books: {source: {files: "${root}/books"}, columns: {a: text}, load: append}
        models: {m: {sql: "select {{top_n}} from {{books}}"}}
        \(more)
        """
    }

    private static let two = """
        {prod: {}, dev: {schema: "shop_${root}", variables: {root: dev}, parameters: {top_n: 3}}}
        """

    @Test(
        "changes what it says and nothing else",
        arguments: [
            (nil, "shop", "live/books", "10"), ("prod", "shop", "live/books", "10"),
            ("dev", "shop_dev", "dev/books", "3"),
        ])
    func choice(name: String?, schema: String, path: String, topN: String) throws {
        let (pipeline, report) = try lint(
            Self.shop(Self.two), PipelineFolder.Choice(environment: name))
        #expect(report.diagnostics.isEmpty, "\(report.text(colour: false))")
        #expect(pipeline?.schema == schema)
        #expect(pipeline?.parameters.first?.value == topN)
        guard case .files(let source) = pipeline?.datasets.first?.source else { return }
        #expect(source.path == path)
    }

    @Test("gives way to what the caller sets")
    func overrides() throws {
        let choice = PipelineFolder.Choice(environment: "dev", variables: ["root": "mine"])
        #expect(try lint(Self.shop(Self.two), choice).pipeline?.schema == "shop_mine")
    }

    @Test("that is not there is refused with the nearest")
    func unknown() throws {
        let (pipeline, report) = try lint(
            Self.shop(Self.two), PipelineFolder.Choice(environment: "pord"))
        #expect(pipeline == nil)
        #expect(report.diagnostics.map(\.code) == [.unknownEnvironment])
        #expect(report.diagnostics.first?.suggestion == "prod")
        #expect(report.diagnostics.first?.line == 2)
    }

    @Test("is read without being chosen, and each mistake is told once")
    func all() throws {
        let (pipeline, report) = try lint(
            Self.shop(
                "{prod: {}, dev: {schema: Dev, variables: {root: ../x}}}",
                more: "colour: red"))
        #expect(pipeline == nil)
        #expect(
            report.diagnostics.map { "\($0.code) \($0.line):\($0.column)" } == [
                "badName 2:40", "badPath 6:27", "unknownKey 8:1",
            ], "\(report.text(colour: false))")
    }

    @Test(
        "is refused with its place",
        arguments: [
            Mistake(shop("{dev: {shema: x}}"), .unknownKey, at: "2:22", "schema"),
            Mistake(shop("{dev: {variables: {roots: x}}}"), .unknownVariable, at: "2:34", "root"),
            Mistake(shop("{dev: {parameters: {topn: 1}}}"), .unknownSlot, at: "2:35", "top_n"),
            Mistake(shop("{dev: {parameters: {top_n: x}}}"), .valueOfOtherType, at: "2:42"),
            Mistake(shop("{dev: }"), .wrongKind, at: "2:21"),
            Mistake(shop("{}"), .empty, at: "2:15"),
            Mistake(shop("{Dev: {}}"), .badName, at: "2:16", "dev"),
            Mistake(shop("{on: {}}"), .ambiguousText, at: "2:16"),
        ])
    func refused(mistake: Mistake) throws { try mistake.expectAlone() }
}
