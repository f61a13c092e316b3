import Broker
import Events
import Foundation
import HTTPServer
import Kit
import Pipelines
import Spool
import Synchronization
import Testing

@testable import ingest

@Suite("The HTTP source", .timeLimit(.minutes(5)))
struct HTTPWatchTests {
    private static let fast = HTTPRate(requests: 500, perSeconds: 1)

    /// Records 1 to 5, two on each page.
    private static func page(_ number: Int) -> String {
        let ids = (1...5).dropFirst((number - 1) * 2).prefix(2)
        return "[" + ids.map { "{\"id\": \($0)}" }.joined(separator: ", ") + "]"
    }

    private static let five = (1...5).map { "{\"id\": \($0)}" }

    @Test(
        "follows pages to their end",
        arguments: [
            HTTPPages.next(path: ["paging", "next"]), .linkHeader,
            .bookmark(path: ["paging", "token"], parameter: "after"),
            .number(parameter: "page", first: 1), .offset(parameter: "skip"),
        ])
    func pages(_ pages: HTTPPages) async throws {
        let api = try TestAPI()
        let source = HTTPSource(
            url: api.url + "/orders", parameters: [HTTPField("q", "a&b+c")],
            records: ["data", "items"], pages: pages, everySeconds: 3_600, rate: Self.fast)
        try await withFolder { path in
            try await withPolls(
                in: path, [.http(source)], api,
                { request in
                    let query = request.query
                    let number = Int(query["page"] ?? query["after"] ?? "") ?? 1
                    let skip = query["skip"].flatMap { Int($0) } ?? (number - 1) * 2
                    let items = Self.five.dropFirst(skip).prefix(2).joined(separator: ", ")
                    let next = number < 3 ? number + 1 : nil
                    let paging = next.map {
                        "\"next\": \"/orders?page=\($0)\", \"token\": \"\($0)\""
                    }
                    let body =
                        "{\"data\": {\"items\": [\(items)], \"n\": [1, {\"next\": 2}]}, "
                        + "\"paging\": {\(paging ?? "\"next\": null")}}"
                    let link = next.map { "<\(api.url)/orders?page=\($0)>; rel=\"next\"" }
                    return TestAPI.json(body, headers: link.map { ["Link": $0] } ?? [:])
                }
            ) { bench in
                try await eventually { try await bench.records().count >= 5 }
                #expect(try await bench.records() == Self.five)
                #expect(api.requests.first?.query["q"] == "a&b+c")
                try await eventually {
                    bench.publisher.events(of: .segmentCaptured).count == 3
                }
            }
        }
    }

    @Test("takes what is new since the last poll, also after a restart")
    func cursor() async throws {
        let api = try TestAPI()
        let rows = Mutex<[(Int, String)]>((1...3).map { ($0, "2020-01-0\($0)T00:00:00Z") })
        let source = HTTPSource(
            url: api.url, parameters: [HTTPField("since", "{cursor}")],
            cursor: HTTPCursor(field: ["at"], type: .timestamptz), everySeconds: 1,
            rate: Self.fast)
        let answer: TestAPI.Answer = { request in
            let since = request.query["since"] ?? ""
            let records = rows.withLock { $0 }.filter { $0.1 >= since }
                .map { "{\"id\":\($0.0),\"at\":\"\($0.1)\"}" }
            return TestAPI.json("[\(records.joined(separator: ","))]")
        }
        try await withFolder { path in
            try await withPolls(in: path, [.http(source)], api, answer) { bench in
                try await eventually { try await bench.records().count == 3 }
                #expect(api.requests.first?.query["since"] == nil)
                rows.withLock { $0.append((4, "2020-01-03T00:00:00Z")) }
                try await eventually { try await bench.records().count == 4 }
                #expect(api.requests.last?.query["since"] == "2020-01-03T00:00:00Z")
            }
            let again = try TestAPI()
            var moved = source
            moved.url = again.url
            try await withPolls(in: path, [.http(moved)], again, answer) { bench in
                try await eventually { again.requests.count >= 2 }
                rows.withLock { $0.append((5, "2020-01-05T00:00:00Z")) }
                try await eventually { try await bench.records().count >= 5 }
                let ids = try await bench.records().compactMap { $0.split(separator: ",").first }
                #expect(ids == (1...5).map { "{\"id\":\($0)" })
            }
        }
    }

    @Test("without a cursor takes what the last poll did not give")
    func feed() async throws {
        let api = try TestAPI()
        let first = Mutex(1)
        let source = HTTPSource(url: api.url, everySeconds: 1, rate: Self.fast)
        let answer: TestAPI.Answer = { _ in
            let start = first.withLock { $0 }
            return TestAPI.json(
                "[" + (start..<start + 4).map { "{\"id\":\($0)}" }.joined(separator: ",") + "]")
        }
        try await withFolder { path in
            try await withPolls(in: path, [.http(source)], api, answer) { bench in
                try await eventually { api.requests.count >= 2 }
                first.withLock { $0 = 3 }
                try await eventually { try await bench.records().count >= 6 }
                #expect(try await bench.records() == (1...6).map { "{\"id\":\($0)}" })
            }
        }
    }

    @Test("of a table that is replaced writes whole extracts, and none that is as the last")
    func whole() async throws {
        let api = try TestAPI()
        let more = Mutex(false)
        let source = HTTPSource(
            url: api.url, pages: .number(parameter: "page", first: 1), everySeconds: 1,
            rate: Self.fast)
        let answer: TestAPI.Answer = { request in
            let number = Int(request.query["page"] ?? "") ?? 1
            return TestAPI.json(
                number < 4
                    ? Self.page(number)
                    : more.withLock { $0 } && number == 4 ? "[{\"id\": 6}]" : "[]")
        }
        try await withFolder { path in
            try await withPolls(in: path, [.http(source, load: .replace)], api, answer) { bench in
                try await eventually { api.requests.count >= 8 }
                #expect(try await bench.records() == Self.five)
                more.withLock { $0 = true }
                try await eventually { try await bench.records().count > 5 }
                #expect(try await bench.records() == Self.five + Self.five + ["{\"id\": 6}"])
                #expect(try await bench.spool.segments().count == 2)
            }
        }
    }

    @Test("asks again when a page fails, and keeps nothing of the failed one")
    func retries() async throws {
        let api = try TestAPI()
        let tries = Mutex(0)
        let source = HTTPSource(
            url: api.url, pages: .number(parameter: "page", first: 1), everySeconds: 3_600,
            rate: Self.fast)
        let answer: TestAPI.Answer = { request in
            let number = Int(request.query["page"] ?? "") ?? 1
            guard number == 2 else { return TestAPI.json(number < 4 ? Self.page(number) : "[]") }
            let count = tries.withLock { tries in
                tries += 1
                return tries
            }
            switch count {
            case 1: return TestAPI.status(429, headers: ["Retry-After": "1"])
            case 2: return TestAPI.json("[{\"id\": 3}, {\"id\": ")
            case 3: return TestAPI.json("<html>sign in</html>")
            default: return TestAPI.json(Self.page(2))
            }
        }
        try await withFolder { path in
            try await withPolls(in: path, [.http(source)], api, answer) { bench in
                try await eventually { try await bench.records().count >= 5 }
                #expect(try await bench.records() == Self.five)
                #expect(bench.lines.count(of: "it answers 429") == 1)
                #expect(bench.lines.count(of: "a login page?") == 1)
            }
        }
    }

    @Test("stops at a page that names itself, and says so")
    func circle() async throws {
        let api = try TestAPI()
        let source = HTTPSource(
            url: api.url, records: ["items"], pages: .bookmark(path: ["next"], parameter: "after"),
            everySeconds: 3_600, rate: Self.fast)
        try await withFolder { path in
            try await withPolls(
                in: path, [.http(source)], api,
                { _ in TestAPI.json("{\"items\": [{\"id\": 1}], \"next\": \"x\"}") }
            ) { bench in
                try await eventually { bench.lines.count(of: "names itself") >= 1 }
                #expect(try await bench.records() == ["{\"id\": 1}"])
            }
        }
    }

    @Test("keeps the pace of a host over all datasets")
    func pace() async throws {
        let api = try TestAPI()
        let start = ContinuousClock.now
        let times = Mutex<[ContinuousClock.Instant]>([])
        let slow = HTTPSource(
            url: api.url + "/a", everySeconds: 1, rate: HTTPRate(requests: 5, perSeconds: 1))
        var other = slow
        other.url = api.url + "/b"
        other.rate = Self.fast
        try await withFolder { path in
            try await withPolls(
                in: path, [.http(slow, "a"), .http(other, "b")], api,
                { _ in
                    times.withLock { $0.append(.now) }
                    return TestAPI.json("[]")
                }
            ) { _ in
                try await eventually { times.withLock { $0.count } >= 4 }
                let seen = times.withLock { $0 }
                // Late arrivals do no harm: none may be early.
                for (number, time) in seen.enumerated() {
                    #expect(start.duration(to: time) >= .milliseconds(200 * (number + 1)))
                }
            }
        }
    }
}
