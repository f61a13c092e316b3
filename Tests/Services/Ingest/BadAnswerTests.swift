import Broker
import Foundation
import HTTPServer
import Kit
import Pipelines
import Spool
import Synchronization
import Testing

@testable import Outbound
@testable import ingest

/// The rows of `## HTTP sources` in compose/pipelines/BAD-INPUT.md that no other suite tries.
@Suite("A bad answer", .timeLimit(.minutes(5)))
struct BadAnswerTests {
    private static let fast = HTTPRate(requests: 500, perSeconds: 1)

    private static func page(_ text: String) -> String {
        "HTTP/1.1 200 OK\r\nContent-Length: \(text.utf8.count)\r\n\r\n\(text)"
    }

    /// What goes wrong with the first try of a page.
    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let text: String
        let end: BrokenAPI.End

        init(_ name: String, _ text: String, _ end: BrokenAPI.End) {
            (testDescription, self.text, self.end) = (name, text, end)
        }
    }

    @Test(
        "is asked for again at its place, and nothing of it stays",
        arguments: [
            Fault("500", "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", .stay),
            Fault("429 alone", "HTTP/1.1 429 No\r\nContent-Length: 0\r\n\r\n", .stay),
            Fault(
                "429 with a date that is over",
                "HTTP/1.1 429 No\r\nRetry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
                    + "Content-Length: 0\r\n\r\n", .stay),
            Fault(
                "503 with words",
                "HTTP/1.1 503 No\r\nRetry-After: soon\r\nContent-Length: 0\r\n\r\n",
                .stay),
            Fault("a length that lies", "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n[3,", .close),
            Fault(
                "chunks that are cut",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n[3,\n\r\n", .close),
            Fault(
                "gzip that is none",
                "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 7\r\n\r\n[3, 33]",
                .stay),
            Fault("an array that is cut", page("[3, 33"), .stay),
            Fault("a page of HTML", page("<html>sign in</html>"), .stay),
            Fault("no answer", "", .close), Fault("a reset", "HTTP/1.1 200 OK\r\n", .reset),
            Fault("a hang after the headers", "HTTP/1.1 200 OK\r\n\r\n[3,", .stall),
            Fault("a slow drip", "HTTP/1.1 200 OK\r\n\r\n[3,", .drip),
            Fault("no HTTP", "220 mail ready\r\n", .close),
        ])
    func again(fault: Fault) async throws {
        let tries = Mutex(0)
        let api = try BrokenAPI { line in
            if line.contains("page=1 ") { return (Self.page("[1, 2]"), .stay) }
            guard line.contains("page=2 ") else { return (Self.page("[]"), .stay) }
            let number = tries.withLock { tries in
                tries += 1
                return tries
            }
            return number == 1 ? (fault.text, fault.end) : (Self.page("[3, 4]"), .stay)
        }
        defer { api.stop() }
        let source = HTTPSource(
            url: api.url, pages: .number(parameter: "page", first: 1), everySeconds: 3_600,
            rate: Self.fast, timeoutMilliseconds: 1_000)
        try await withFolder { path in
            try await withPolls(in: path, [.http(source)], try TestAPI(), { _ in .notFound }) {
                bench in
                try await eventually { api.requests.contains { $0.contains("page=3 ") } }
                #expect(try await bench.records() == ["1", "2", "3", "4"])
                // What ends an open connection without a word is asked for again by libcurl.
                let isSilent = fault.text.isEmpty
                #expect(bench.lines.count(of: "page asked for again") == (isSilent ? 0 : 1))
                #expect(api.requests.count { $0.contains("page=1 ") } == 1)
            }
        }
    }

    @Test("comes through a proxy, and from no private address that a URL names")
    func proxied() async throws {
        let proxy = try BrokenAPI { line in
            (Self.page(line == "GET http://api.example/x HTTP/1.1" ? "[1]" : "[2]"), .stay)
        }
        defer { proxy.stop() }
        let sources = ["http://api.example/x", "http://169.254.169.254/x"].map {
            HTTPSource(url: $0, everySeconds: 3_600, rate: Self.fast)
        }
        try await withFolder { path in
            try await withPolls(
                in: path, [.http(sources[0], "a"), .http(sources[1], "b")], try TestAPI(),
                proxy: proxy.url, { _ in .notFound }
            ) { bench in
                try await eventually { bench.lines.count(of: "is link-local") == 1 }
                try await eventually { try await bench.records() == ["1"] }
                #expect(proxy.requests.count == 1)
            }
        }
    }

    @Test("of status 204 has no records, and is none")
    func noContent() async throws {
        let api = try BrokenAPI { _ in ("HTTP/1.1 204 No\r\n\r\n", .stay) }
        defer { api.stop() }
        let source = HTTPSource(url: api.url, everySeconds: 1, rate: Self.fast)
        try await withFolder { path in
            try await withPolls(in: path, [.http(source)], try TestAPI(), { _ in .notFound }) {
                bench in
                try await eventually { api.requests.count >= 3 }
                #expect(try await bench.records().isEmpty)
                #expect(bench.lines.count(of: "error") == 0)
            }
        }
    }

    @Test("on page 17 of 20 costs that page alone, at the next poll too")
    func page17() async throws {
        let isMended = Mutex(false)
        let api = try BrokenAPI { line in
            let number = line.firstMatch(of: /page=([0-9]+)/).flatMap { Int($0.output.1) } ?? 0
            if number == 17, !isMended.withLock({ $0 }) {
                return ("HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n", .stay)
            }
            return (Self.page(number <= 20 ? "[\(number)]" : "[]"), .stay)
        }
        defer { api.stop() }
        let source = HTTPSource(
            url: api.url, pages: .number(parameter: "page", first: 1), everySeconds: 1,
            rate: Self.fast)
        try await withFolder { path in
            try await withPolls(in: path, [.http(source)], try TestAPI(), { _ in .notFound }) {
                bench in
                try await eventually { bench.lines.count(of: "it answers 400") == 1 }
                #expect(try await bench.records().count == 16)
                isMended.withLock { $0 = true }
                try await eventually { try await bench.records().count >= 20 }
                #expect(try await bench.records() == (1...20).map(String.init))
                #expect(api.requests.count { $0.contains("page=16 ") } == 1)
            }
        }
    }

    @Test("that shifts while it is read loses nothing by the next poll")
    func shifting() async throws {
        let rows = Mutex(Array(1...6))
        let polls = Mutex(0)
        let api = try BrokenAPI { line in
            let skip = line.firstMatch(of: /skip=([0-9]+)/).flatMap { Int($0.output.1) } ?? 0
            return rows.withLock { rows in
                // Behind the first page a row goes, and the others move up.
                if skip == 2, polls.withLock({ $0 }) == 0 { rows.removeFirst() }
                if skip == 0 { polls.withLock { $0 += rows.count < 6 ? 1 : 0 } }
                // The size of pages is the server's own.
                return (
                    Self.page(
                        "[\(rows.dropFirst(skip).prefix(2).map(String.init).joined(separator: ","))]"
                    ), .stay
                )
            }
        }
        defer { api.stop() }
        let source = HTTPSource(
            url: api.url, parameters: [HTTPField("limit", "5")], pages: .offset(parameter: "skip"),
            everySeconds: 1, rate: Self.fast)
        try await withFolder { path in
            try await withPolls(in: path, [.http(source)], try TestAPI(), { _ in .notFound }) {
                bench in
                try await eventually { Set(try await bench.records()).count == 6 }
                #expect(try await bench.records().count == 6)
            }
        }
    }

    @Test(
        "that asks for a pause gets it, but not for ever",
        arguments: [
            (429, [("retry-after", "2")], 2.0), (503, [("retry-after", "3")], 3),
            (200, [("retry-after", "3")], nil),
            (429, [("retry-after", "99999999999999999999")], 3_600),
            (200, [("ratelimit-remaining", "0"), ("ratelimit-reset", "4")], 4),
            (200, [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1e18")], 3_600),
            (200, [("ratelimit-remaining", "1"), ("ratelimit-reset", "4")], nil),
            (200, [("ratelimit-remaining", "0"), ("ratelimit-reset", "-5")], 0),
            (200, [("ratelimit-remaining", "0"), ("ratelimit-reset", "soon")], nil),
            (200, [("ratelimit", "\"day\";r=0;t=7")], 7),
            (200, [("ratelimit", "limit=10, remaining=0, reset=8")], 8),
            (200, [("ratelimit", "\"day\";r=3;t=7")], nil),
        ] as [(Int, [(String, String)], Double?)])
    func pauses(status: Int, headers: [(String, String)], seconds: Double?) {
        let answer = HTTPResponse(
            status: status, headers: headers.map { (name: $0.0, value: $0.1) }, body: Data(),
            isTruncated: false)
        let pause = HostPaces.pause(answer)
        #expect(pause.map { ($0 / .seconds(1)).rounded() } == seconds)
    }
}
