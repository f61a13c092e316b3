import Pipelines
import Testing

@Suite("A rule of an HTTP source")
struct HTTPSourceRuleTests {
    private static func http(_ text: String) -> String {
        yaml(source: "{http: {url: \"https://a.example/x\"\(text.isEmpty ? "" : ", ")\(text)}}")
    }

    @Test(
        "is kept",
        arguments: [
            Mistake(yaml(source: "{htp: {url: x}}"), .unknownKey, at: "5:14", "http"),
            Mistake(yaml(source: "{http: {}}"), .missingKey, at: "5:20", "url"),
            Mistake(yaml(source: "{http: {url: a.example}}"), .badValue, at: "5:26"),
            Mistake(yaml(source: "{http: {url: \"ftp://a.example\"}}"), .badValue, at: "5:26"),
            Mistake(
                yaml(source: "{http: {url: \"https://a.example?x=1\"}}"), .badValue, at: "5:26"),
            Mistake(
                yaml(source: "{http: {url: \"https://a.example\"}, files: a}"), .misplacedOption,
                at: "5:48"),
            Mistake(http("every: 5"), .badValue, at: "5:56"),
            Mistake(http("time_zone: UTC"), .misplacedOption, at: "5:49"),
            Mistake(http("schedule: \"@daily\", every: 5s"), .misplacedOption, at: "5:69"),
            Mistake(http("schedule: \"* *\""), .badValue, at: "5:59"),
            Mistake(
                http("auth: {oauth2: {client_id: a, client_secret: \"${secret:a}\"}}"), .missingKey,
                at: "5:64", "token_url"),
            Mistake(
                http(
                    "auth: {oauth1: {consumer_key: a, consumer_secret: \"${secret:a}\", token: \"${secret:b}\"}}"
                ), .missingKey,
                at: "5:64", "token_secret"),
            Mistake(http("rate: 5"), .badValue, at: "5:55"),
            Mistake(http("records: a..b"), .badValue, at: "5:58"),
            Mistake(http("parameters: {a: \"{cursor}\"}"), .missingKey, at: "5:61", "cursor"),
            Mistake(http("headers: {Authorization: x}"), .misplacedOption, at: "5:59"),
            Mistake(http("headers: {\"a b\": x}"), .badValue, at: "5:59"),
            Mistake(http("auth: {}"), .misplacedOption, at: "5:55"),
            Mistake(http("auth: {bearer: abc}"), .secret, at: "5:64"),
            Mistake(http("auth: {barer: \"${secret:a}\"}"), .unknownKey, at: "5:56", "bearer"),
            Mistake(
                http("auth: {api_key: {value: \"${secret:a}\"}}"), .misplacedOption, at: "5:65"),
            Mistake(http("auth: {basic: {user: a}}"), .missingKey, at: "5:63", "password"),
            Mistake(http("pages: link_heder"), .unknownWord, at: "5:56", "link_header"),
            Mistake(http("pages: {next: a, offset: b}"), .misplacedOption, at: "5:56"),
            Mistake(http("pages: {bookmark: a}"), .missingKey, at: "5:56", "parameter"),
            Mistake(http("pages: {next: a, first: 1}"), .misplacedOption, at: "5:66"),
            Mistake(http("cursor: {field: a}"), .missingKey, at: "5:57", "type"),
            Mistake(
                http("cursor: {field: a, type: bigint, start: x}"), .valueOfOtherType, at: "5:89"),
            Mistake(
                http("cursor: {field: a, type: bigint, lag: 1m}"), .misplacedOption, at: "5:82"),
        ])
    func rules(mistake: Mistake) throws { try mistake.expectAlone() }

    @Test("lets a whole source be, and gives it back from a revision")
    func whole() throws {
        let text = Self.http(
            """
            parameters: {since: "{cursor}", per_page: 100}, headers: {X-Version: 2},
                  auth: {api_key: {parameter: key, value: "${secret:shop_token}"}},
                  records: data.items, pages: {bookmark: meta.next, parameter: after},
                  cursor: {field: meta.at, type: timestamptz, start: "2020-01-01T00:00:00Z", lag: 5m, nulls: skip},
                  every: 10s, rate: 60/m, timeout: 5s
            """)
        let (pipeline, report) = try lint(text)
        #expect(report.diagnostics.isEmpty, "\(report.text(colour: false))")
        let read = try #require(pipeline)
        let expected = HTTPSource(
            url: "https://a.example/x",
            parameters: [HTTPField("since", "{cursor}"), HTTPField("per_page", "100")],
            headers: [HTTPField("X-Version", "2")],
            auth: .keyInQuery(name: "key", SecretReference("shop_token")),
            records: ["data", "items"],
            pages: .bookmark(path: ["meta", "next"], parameter: "after"),
            cursor: HTTPCursor(
                field: ["meta", "at"], type: .timestamptz, start: "2020-01-01T00:00:00Z",
                lagMilliseconds: 300_000, nulls: .skip),
            everySeconds: 10, rate: HTTPRate(requests: 60, perSeconds: 60),
            timeoutMilliseconds: 5_000)
        #expect(read.datasets.first?.source == .http(expected))
        #expect(try PipelineJSON.decode(PipelineJSON.encode(read)) == read)
    }

    @Test("has its secrets elsewhere, whatever the key is called")
    func secrets() throws {
        let line = "auth: {basic: {user: me, password: \"${secret:shop_password}\"}}"
        #expect(try lint(Self.http(line)).report.diagnostics.isEmpty)
        let clear = try lint(Self.http("auth: {basic: {user: me, password: hunter2hunter2}}"))
            .report
        #expect(Set(clear.diagnostics.map(\.code)) == [.secret])
        #expect(clear.diagnostics.allSatisfy { $0.excerpt.isEmpty })
    }

    @Test("leaves formats of files to files")
    func formats() throws {
        let text = yaml(source: "{http: {url: \"https://a.example\"}}", dataset: "format: parquet")
        #expect(try lint(text).report.diagnostics.map(\.code) == [.misplacedOption])
    }

    @Test(
        "compares instants, not texts",
        arguments: [
            ("2020-02-29T23:59:59Z", "2020-03-01T00:00:00Z"),
            ("2020-01-01T00:00:00+02:00", "2020-01-01T00:00:00Z"),
            ("2020-01-01 00:00:00.1Z", "2020-01-01T00:00:00.100000001Z"),
            ("1969-12-31T23:59:59-0000", "1970-01-01T00:00Z"),
        ])
    func instants(one: String, next: String) throws {
        let one = try #require(CursorValue(one, .timestamptz))
        let next = try #require(CursorValue(next, .timestamptz))
        #expect(one < next && !(next < one) && one != next)
    }

    @Test("goes back by a lag, over the ends of days and years")
    func lag() throws {
        let start = try #require(CursorValue("2020-03-01T00:00:00.25+00:00", .timestamptz))
        #expect(start.earlier(byMilliseconds: 500).text == "2020-02-29T23:59:59.750000000Z")
        #expect(start.earlier(byMilliseconds: 0).text == "2020-03-01T00:00:00.25+00:00")
        #expect(try #require(CursorValue("9", .bigint)) < #require(CursorValue("10", .bigint)))
        #expect(CursorValue("2020-01-01T00:00:00", .timestamptz) == nil)
        #expect(CursorValue("1.5", .bigint) == nil)
    }
}
