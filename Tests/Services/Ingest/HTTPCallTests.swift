import Events
import Foundation
import HTTPServer
import Kit
import Pipelines
import Spool
import Synchronization
import Testing

@testable import ingest

@Suite("A call for each record of another", .timeLimit(.minutes(5)))
struct HTTPCallTests {
    private static let fast = HTTPRate(requests: 500, perSeconds: 1)

    /// Recent reviews, and the details of each, of which three tables take.
    private static func items(
        _ url: String, responses: [HTTPResponseRule] = [], sameBy: [[String]] = [["id"]],
        pages: HTTPPages? = nil
    ) -> [AppliedDataset] {
        let recent = HTTPSource(
            url: url + "/recent", records: ["reviews"], sameBy: sameBy, everySeconds: 1,
            rate: fast, call: "goodreads.recent")
        let details = HTTPSource(
            url: url + "/review/{recent.id}", parameters: [HTTPField("by", "{recent.user.name}")],
            records: ["review"], pages: pages, responses: responses, everySeconds: 1, rate: fast,
            call: "goodreads.details", parents: [recent])
        func taking(_ share: HTTPShare) -> HTTPSource {
            var source = details
            source.share = share
            return source
        }
        return [
            .http(
                taking(
                    HTTPShare(with: [
                        HTTPAddedField("user_id", .record(["user", "id"])),
                        HTTPAddedField("author_id", .record(["book", "authors", "id"])),
                        HTTPAddedField("none", .record(["book", "none"])),
                        HTTPAddedField("seen_at", .askedAt),
                    ])), "reviews"),
            .http(taking(HTTPShare(records: ["user"])), "users"),
            .http(taking(HTTPShare(records: ["book", "authors"])), "authors"),
        ]
    }

    private static func recent(_ ids: some Sequence<Int>) -> HTTPServerResponse {
        let reviews = ids.map {
            "{\"id\": \($0), \"user\": {\"name\": \"a&b\"}, \"now\": \"\(ULID())\"}"
        }
        return TestAPI.json("{\"reviews\": [\(reviews.joined(separator: ", "))]}")
    }

    private static func details(_ request: HTTPServerRequest) -> HTTPServerResponse {
        let id = request.path.split(separator: "/").last ?? ""
        return TestAPI.json(
            """
            {"review": {"id": \(id), "user": {"id": "u\(id)"},
             "book": {"id": 1, "authors": [{"id": 7}, {"id": 8}]}}}
            """)
    }

    private static func ids(_ records: [String]) -> [Int] {
        records.compactMap { record in
            record.firstMatch(of: /"id": "?u?([0-9]+)/).flatMap { Int($0.output.1) }
        }.sorted()
    }

    @Test("gives each dataset its part, once, with the fields that it asks for")
    func parts() async throws {
        let api = try TestAPI()
        let count = Mutex(20)
        try await withFolder { path in
            try await withPolls(
                in: path, Self.items(api.url), api,
                { request in
                    request.path == "/recent"
                        ? Self.recent(1...count.withLock { $0 }) : Self.details(request)
                }
            ) { bench in
                try await eventually { try await bench.records(of: "reviews").count >= 20 }
                let polls = api.requests(of: "/recent").count
                try await eventually { api.requests(of: "/recent").count > polls + 1 }
                count.withLock { $0 = 22 }
                try await eventually { try await bench.records(of: "reviews").count >= 22 }
                let reviews = try await bench.records(of: "reviews")
                #expect(Self.ids(reviews) == Array(1...22))
                #expect(
                    reviews.allSatisfy {
                        $0.contains("\"author_id\":7,\"none\":null,\"seen_at\":\"20")
                    })
                #expect(Self.ids(try await bench.records(of: "users")) == Array(1...22))
                #expect(try await bench.records(of: "authors").count == 44)
                let details = api.requests.filter { $0.path != "/recent" }
                #expect(details.count == 22)
                #expect(details.allSatisfy { $0.query["by"] == "a&b" })
            }
        }
    }

    @Test("goes on with the others when one fails, and gives it up in the end")
    func badItem() async throws {
        let api = try TestAPI()
        let rules = [HTTPResponseRule(statuses: [404...404], .skip)]
        try await withFolder { path in
            try await withPolls(
                in: path, Self.items(api.url, responses: rules), api,
                { request in
                    switch request.path {
                    case "/recent": Self.recent([3, 4, 5, Int.random(in: 100...1_000_000)])
                    case "/review/3": TestAPI.json("<html>", headers: [:])
                    case "/review/4": TestAPI.status(404)
                    default: Self.details(request)
                    }
                }
            ) { bench in
                try await eventually(within: .seconds(60)) {
                    bench.lines.count(of: "record of a call given up") == 1
                }
                let ids = Self.ids(try await bench.records(of: "reviews"))
                #expect(ids.first == 5 && ids.filter { $0 < 100 }.count == 1)
                #expect(api.requests(of: "/review/4").count == 1)
                #expect(api.requests(of: "/review/5").count == 1)
                #expect(bench.lines.count(of: "recent.id=3") == 1)
            }
        }
    }

    @Test("keeps what is left when the source refuses it")
    func refused() async throws {
        let api = try TestAPI()
        let isOpen = Mutex(false)
        try await withFolder { path in
            try await withPolls(
                in: path, Self.items(api.url), api,
                { request in
                    if request.path == "/recent" { return Self.recent(1...9) }
                    return isOpen.withLock { $0 } ? Self.details(request) : TestAPI.status(401)
                }
            ) { bench in
                try await eventually { bench.lines.count(of: "source cannot be read") == 1 }
                isOpen.withLock { $0 = true }
                try await eventually { try await bench.records(of: "users").count >= 9 }
                #expect(Self.ids(try await bench.records(of: "users")) == Array(1...9))
            }
        }
    }

    @Test("makes no call twice when its process dies, but those of the last moment")
    func died() async throws {
        let api = try TestAPI()
        try await withFolder { path in
            let answer: TestAPI.Answer = { request in
                if request.path == "/recent" { return Self.recent(1...300) }
                Thread.sleep(forTimeInterval: 0.02)
                return Self.details(request)
            }
            try await withPolls(in: path, Self.items(api.url), api, answer) { bench in
                try await eventually { try await bench.records(of: "reviews").count >= 20 }
            }
            let before = api.requests.filter { $0.path != "/recent" }.count
            #expect(before < 300)
            let again = try TestAPI()
            try await withPolls(in: path, Self.items(again.url), again, answer) { bench in
                try await eventually { try await bench.records(of: "reviews").count >= 300 }
                let ids = Self.ids(try await bench.records(of: "reviews"))
                #expect(ids == Array(1...300))
                // 200 ms, 50 ms, and a write, at 20 ms a call and four at once.
                #expect(before + again.requests.filter { $0.path != "/recent" }.count < 400)
            }
        }
    }

    @Test("reads the pages of each")
    func pages() async throws {
        let api = try TestAPI()
        let items = Self.items(api.url, pages: .number(parameter: "page", first: 1))
        try await withFolder { path in
            try await withPolls(
                in: path, items, api,
                { request in
                    if request.path == "/recent" { return Self.recent(1...3) }
                    return request.query["page"] == "3"
                        ? TestAPI.json("{\"review\": []}") : Self.details(request)
                }
            ) { bench in
                try await eventually { try await bench.records(of: "users").count >= 6 }
                #expect(Self.ids(try await bench.records(of: "users")) == [1, 1, 2, 2, 3, 3])
            }
        }
    }

    @Test(
        "does what a rule says of an answer",
        arguments: [
            (200, HTTPResponseRule(body: "quota", .retry), "it answers 200: quota"),
            (200, HTTPResponseRule(statuses: [200...299], body: "quota", .skip), ""),
            (403, HTTPResponseRule(statuses: [400...499], .retry), "it answers 403"),
            (500, HTTPResponseRule(statuses: [500...500], body: "quota", .fail), "cannot be read"),
            (500, HTTPResponseRule(statuses: [500...500], body: "other", .fail), "asked for again"),
        ])
    func rules(status: Int, rule: HTTPResponseRule, line: String) async throws {
        let api = try TestAPI()
        let isOver = Mutex(false)
        let source = HTTPSource(
            url: api.url, responses: [rule], everySeconds: 1, rate: Self.fast)
        try await withFolder { path in
            try await withPolls(
                in: path, [.http(source)], api,
                { _ in
                    let isFirst = isOver.withLock { over in
                        defer { over = true }
                        return !over
                    }
                    return isFirst
                        ? HTTPServerResponse("quota exceeded", status: status)
                        : TestAPI.json("[{\"id\": 1}]")
                }
            ) { bench in
                try await eventually { try await bench.records() == ["{\"id\": 1}"] }
                #expect(line.isEmpty || bench.lines.count(of: line) == 1)
                #expect(line.isEmpty == (bench.lines.count(of: "quota") == 0))
            }
        }
    }
}
