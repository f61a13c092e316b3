import Foundation
import HTTPServer
import Kit
import Pipelines
import Spool
import Testing

@testable import ingest

@Suite("The origin of an HTTP source", .timeLimit(.minutes(5)))
struct HTTPOriginTests {
    private static let fast = HTTPRate(requests: 500, perSeconds: 1)

    @Test(
        "tells who asks to its own origin alone",
        arguments: [
            (HTTPAuth.bearer(SecretReference("shop")), "authorization", "Bearer open sesame"),
            (
                .basic(user: "me", password: SecretReference("shop")), "authorization",
                "Basic bWU6b3BlbiBzZXNhbWU="
            ),
            (.keyInHeader(name: "X-Key", SecretReference("shop")), "x-key", "open sesame"),
        ])
    func credentials(auth: HTTPAuth, header: String, value: String) async throws {
        let api = try TestAPI()
        let other = try TestAPI()
        let source = HTTPSource(
            url: api.url, auth: auth, records: ["items"], pages: .next(path: ["next"]),
            everySeconds: 3_600, rate: Self.fast)
        try await withFolder { path in
            try await withPolls(
                in: path, [.http(source)], api,
                { request in
                    request.path == "/moved"
                        ? TestAPI.status(302, headers: ["Location": other.url + "/elsewhere"])
                        : TestAPI.json("{\"items\": [{\"id\": 1}], \"next\": \"/moved\"}")
                }
            ) { bench in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        await other.run { _ in TestAPI.json("{\"items\": [{\"id\": 2}]}") }
                    }
                    try await eventually { try await bench.records().count == 2 }
                    group.cancelAll()
                }
                #expect(api.requests.map { $0.headers[header] } == [value, value])
                #expect(other.requests.map { $0.headers[header] } == [nil])
                #expect(bench.lines.count(of: "sesame") == 0)
            }
        }
    }

    @Test("leaves a key in the query out of what it keeps and says")
    func keyInQuery() async throws {
        let api = try TestAPI()
        let source = HTTPSource(
            url: api.url, auth: .keyInQuery(name: "key", SecretReference("shop")),
            records: ["items"], pages: .next(path: ["next"]), everySeconds: 3_600, rate: Self.fast)
        try await withFolder { path in
            try await withPolls(
                in: path, [.http(source)], api,
                { request in
                    request.query["page"] == "2"
                        ? HTTPServerResponse(
                            "no such key: \(request.query["key"] ?? "")", status: 403)
                        : TestAPI.json(
                            "{\"items\": [{}], \"next\": \"/?page=2&key=open%20sesame\"}")
                }
            ) { bench in
                try await eventually { bench.lines.count(of: "source cannot be read") == 1 }
                #expect(api.requests.map { $0.query["key"] } == ["open sesame", "open sesame"])
                #expect(bench.lines.count(of: "no such key: ***") == 1)
                #expect(bench.lines.count(of: "sesame") == 0)
                let note = try #require(try await bench.spool.note(of: "shop.orders"))
                #expect(note.contains("page=2") && !note.contains("sesame"), "\(note)")
            }
        }
    }

    @Test(
        "goes to no private address that nobody has allowed",
        arguments: [
            "http://127.0.0.2:9/", "http://2130706434:9/", "//127.0.0.2:9/x", "file:///etc/passwd",
        ])
    func guarded(link: String) async throws {
        let api = try TestAPI()
        let source = HTTPSource(
            url: api.url, records: ["items"], pages: .next(path: ["next"]), everySeconds: 3_600,
            rate: Self.fast)
        try await withFolder { path in
            try await withPolls(
                in: path, [.http(source)], api,
                { _ in TestAPI.json("{\"items\": [{\"id\": 1}], \"next\": \"\(link)\"}") }
            ) { bench in
                try await eventually { bench.lines.count(of: "source cannot be read") == 1 }
                #expect(
                    bench.lines.count(of: "source-allow") + bench.lines.count(of: "must start with")
                        == 1)
                #expect(try await bench.records() == ["{\"id\": 1}"])
                #expect(api.requests.count == 1)
            }
        }
    }
}
