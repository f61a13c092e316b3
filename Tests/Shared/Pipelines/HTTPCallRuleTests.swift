import Pipelines
import Testing

@Suite("A rule of shared calls")
struct HTTPCallRuleTests {
    private static func calls(_ text: String, _ source: String = "{call: a.two}") -> String {
        yaml(
            top: "sources: {a: {url: \"https://a.example/v1/\", calls: {\(text)}}}", source: source)
    }

    private static let two = "one: {path: x}, two: {path: \"y/{one.id}\"}"

    @Test(
        "is kept",
        arguments: [
            Mistake(calls("two: {pth: x}"), .unknownKey, at: "2:59", "path"),
            Mistake(calls("two: {path: \"x?a=1\"}"), .badValue, at: "2:65"),
            Mistake(calls("two: {path: \"{one.id}\"}, won: {}"), .unknownWord, at: "2:66"),
            Mistake(calls("two: {path: \"{two.id}\"}"), .unknownWord, at: "2:66"),
            Mistake(
                calls("\(two), three: {path: \"{two.id}\"}"), .misplacedOption, at: "2:96"),
            Mistake(
                calls("\(two), three: {path: \"{one.id}\", parameters: {q: \"{two.id}\"}}"),
                .misplacedOption, at: "2:96"),
            Mistake(
                calls("one: {}, two: {path: \"{one.id}\", same_by: id}"), .misplacedOption,
                at: "2:62"),
            Mistake(calls("two: {}", "{call: a.tow}"), .unknownWord, at: "5:20", "a.two"),
            Mistake(calls("two: {}", "{call: a.two, files: x}"), .misplacedOption, at: "5:27"),
            Mistake(
                calls("two: {}", "{files: {path: x}, with: {a: b}}"), .misplacedOption, at: "5:32"),
            Mistake(
                calls("two: {}", "{call: a.two, with: {a: \"{now}\"}}"), .unknownWord, at: "5:37"),
            Mistake(calls("two: {}", "{call: a.two, records: a..b}"), .badValue, at: "5:36"),
            Mistake(calls("two: {format: yaml}"), .unknownWord, at: "2:67", "xml"),
            Mistake(calls("two: {format: xml, pages: {next: a}}"), .misplacedOption, at: "2:72"),
            Mistake(calls("two: {format: csv, records: a}"), .misplacedOption, at: "2:72"),
            Mistake(calls("two: {responses: [{then: skip}]}"), .missingKey, at: "2:71", "status"),
            Mistake(
                calls("two: {responses: [{status: 6xx, then: skip}]}"), .badValue, at: "2:80"),
            Mistake(
                calls("two: {responses: [{status: 404, then: skp}]}"), .unknownWord, at: "2:91",
                "skip"),
        ])
    func rules(mistake: Mistake) throws { try mistake.expectAlone() }

    @Test("makes of each dataset's call one with its parent and its share")
    func whole() throws {
        let text = yaml(
            top: """
                sources:
                  good:
                    url: https://a.example/v1
                    parameters: {format: xml}
                    auth: {api_key: {parameter: key, value: "${secret:good}"}}
                    every: 10s
                    calls:
                      recent: {path: /recent.xml, format: xml, records: r.reviews.review, same_by: [id, at]}
                      details:
                        path: /show.xml
                        parameters: {id: "{recent.id}"}
                        format: {xml: {lists: [author]}}
                        records: r.review
                        responses: [{status: [404, 410, 5xx], body: gone, then: skip}]
                """,
            source:
                "{call: good.details, records: book.authors.author, with: {book_id: book.id, at: \"{asked_at}\"}}"
        )
        let (pipeline, report) = try lint(text)
        #expect(report.diagnostics.isEmpty, "\(report.text(colour: false))")
        let auth = HTTPAuth.keyInQuery(name: "key", SecretReference("good"))
        let format = HTTPField("format", "xml")
        let recent = HTTPSource(
            url: "https://a.example/v1/recent.xml", parameters: [format], auth: auth,
            format: .xml(lists: []), records: ["r", "reviews", "review"],
            sameBy: [["id"], ["at"]], everySeconds: 10, call: "good.recent")
        let expected = HTTPSource(
            url: "https://a.example/v1/show.xml",
            parameters: [format, HTTPField("id", "{recent.id}")],
            auth: auth, format: .xml(lists: ["author"]), records: ["r", "review"],
            responses: [
                HTTPResponseRule(
                    statuses: [404...404, 410...410, 500...599], body: "gone", .skip)
            ],
            everySeconds: 10, call: "good.details", parents: [recent],
            share: HTTPShare(
                records: ["book", "authors", "author"],
                with: [
                    HTTPAddedField("book_id", .record(["book", "id"])),
                    HTTPAddedField("at", .askedAt),
                ]))
        let read = try #require(pipeline)
        #expect(read.datasets.first?.source == .http(expected))
        #expect(try PipelineJSON.decode(PipelineJSON.encode(read)) == read)
    }

    @Test("takes no whole extracts of what is only new")
    func replace() throws {
        let top = "sources: {a: {url: \"https://a.example\", calls: {\(Self.two)}}}"
        let text = yaml(top: top, source: "{call: a.two}", load: "{mode: replace}")
        #expect(try lint(text).report.diagnostics.map(\.code) == [.misplacedOption])
    }
}
