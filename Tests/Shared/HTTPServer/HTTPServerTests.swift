import Foundation
import HTTPServer
import Outbound
import Testing

@Suite("An HTTP server", .timeLimit(.minutes(5)))
struct HTTPServerTests {
    private let client = HTTPClient("test")

    @Test("hands over method, path, query, headers and body")
    func request() async throws {
        try await serving { url in
            let request = HTTPRequest(
                .post, "\(url)/hook?a=1&b=x%20y", headers: [("X-One", "two")],
                body: Data("hello".utf8))
            let response = try await client.send(request)
            #expect(response.status == 200)
            #expect(
                String(decoding: response.body, as: UTF8.self)
                    == "POST /hook a=1 b=x y x-one=two hello")
        }
    }

    @Test("takes a body up to its limit and refuses a longer one")
    func limit() async throws {
        try await serving { url in
            let fits = HTTPRequest(.post, "\(url)/size", body: Data(count: 1 << 20))
            let response = try await client.send(fits)
            #expect(String(decoding: response.body, as: UTF8.self) == "1048576")
            let long = HTTPRequest(.post, "\(url)/size", body: Data(count: 1 << 20 + 1))
            #expect(try await client.send(long).status == 413)
        }
    }

    @Test("answers others while one responder is slow")
    func slow() async throws {
        try await serving { url in
            try await withThrowingTaskGroup(of: String.self) { group in
                group.addTask { try await text("\(url)/never") }
                group.addTask { try await text("\(url)/quick") }
                let first = try await group.next()
                #expect(first == "quick")
                group.cancelAll()
            }
        }
    }

    @Test("ends in the middle of a body that is to be cut")
    func cut() async throws {
        try await serving { url in
            await #expect(throws: OutboundError.self) { try await text("\(url)/cut") }
            let quick = try await text("\(url)/quick")
            #expect(quick == "quick")
        }
    }

    @Test("gives a body in pieces, whole in the end, and others their answers meanwhile")
    func dripped() async throws {
        try await serving { url in
            let begin = ContinuousClock.now
            try await withThrowingTaskGroup(of: String.self) { group in
                group.addTask { try await text("\(url)/dripped") }
                group.addTask { try await text("\(url)/quick") }
                let first = try await group.next()
                #expect(first == "quick")
                let second = try await group.next()
                #expect(second == String(repeating: "x", count: 100_001))
            }
            #expect(begin.duration(to: .now) >= .milliseconds(400))
        }
    }

    @Test("stops while a body is on its way")
    func stoppedMeanwhile() async throws {
        let server = try HTTPServer()
        let url = "http://127.0.0.1:\(server.port)"
        let running = Task { await server.run(Self.respond) }
        let slow = Task { try await text("\(url)/dripped") }
        try await Task.sleep(for: .milliseconds(150))
        running.cancel()
        await running.value
        #expect(try await slow.value.count == 100_001)
    }

    @Test("says so when it cannot listen")
    func taken() throws {
        let first = try HTTPServer()
        let error = #expect(throws: HTTPServerError.self) { try HTTPServer(port: first.port) }
        #expect(error?.description.contains("port \(first.port)") == true)
        #expect(throws: HTTPServerError.self) { try HTTPServer(address: "localhost") }
    }

    private func text(_ url: String) async throws -> String {
        let response = try await client.send(HTTPRequest(.get, url))
        return String(decoding: response.body, as: UTF8.self)
    }

    private func serving(_ body: (String) async throws -> Void) async throws {
        let server = try HTTPServer()
        let running = Task { await server.run(Self.respond) }
        defer { running.cancel() }
        try await body("http://127.0.0.1:\(server.port)")
    }

    private static let respond: HTTPServer.Responder = { request in
        switch request.path {
        case "/size": return HTTPServerResponse("\(request.body.count)")
        case "/quick": return HTTPServerResponse("quick")
        case "/cut", "/dripped":
            var response = HTTPServerResponse(String(repeating: "x", count: 100_001))
            response.delivery =
                request.path == "/cut"
                ? .cut(afterBytes: 50_000) : .dripped(pieces: 5, pause: .milliseconds(100))
            return response
        case "/never":
            do {
                try await Task.sleep(for: .seconds(3600))
            } catch {
                return HTTPServerResponse("cancelled", status: 500)
            }
            return HTTPServerResponse("late")
        default:
            let query = request.query.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }
            let body = String(decoding: request.body, as: UTF8.self)
            return HTTPServerResponse(
                "\(request.method) \(request.path) \(query.joined(separator: " ")) "
                    + "x-one=\(request.headers["x-one"] ?? "") \(body)")
        }
    }
}
