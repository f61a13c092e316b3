import Events
import Foundation
import Outbound
import Testing

private let brokerAPI = ProcessInfo.processInfo.environment["MILLRACE_TEST_BROKER_API"]

@Suite("An HTTP client", .timeLimit(.minutes(5)))
struct HTTPClientTests {
    @Test(
        "refuses to leave its guard, however the address is spelled",
        arguments: [
            "127.0.0.1", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "0", "localhost",
            "[::1]", "[::]", "[::ffff:127.0.0.1]", "169.254.169.254", "[64:ff9b::7f00:1]",
        ])
    func spelled(host: String) async throws {
        let client = HTTPClient(guardedBy: .publicOnly())
        let error = await #expect(throws: OutboundError.self) {
            _ = try await client.send(HTTPRequest(.get, "http://\(host):9/"))
        }
        #expect(error?.kind == .guarded)
        #expect(error?.disposition == .permanent)
    }

    @Test("tells a closed port from the guard")
    func closedPort() async throws {
        let error = await #expect(throws: OutboundError.self) {
            _ = try await HTTPClient().send(HTTPRequest(.get, "http://127.0.0.1:1/"))
        }
        #expect(error?.kind == .unreachable)
        #expect(error?.disposition == .transient)
    }

    @Test(
        "sends nothing to what is not a plain web address",
        arguments: [
            "file:///etc/passwd", "gopher://127.0.0.1/", "ftp://127.0.0.1/", "//127.0.0.1/",
            "127.0.0.1", "", "http://", "http://user:word@127.0.0.1/", "http://127.0.0.1:99999/",
            "http://127.0.0.1/a b", "http://127.0.0.1/\r\nX: y",
        ])
    func malformed(url: String) async throws {
        let error = await #expect(throws: OutboundError.self) {
            _ = try await HTTPClient().send(HTTPRequest(.get, url))
        }
        #expect(error?.kind == .invalid)
    }

    @Test(
        "refuses headers that would become two",
        arguments: [("X-A", "b\r\nX-C: d"), ("X-A\n", "b"), ("", "b"), ("X:A", "b")])
    func headerInjection(name: String, value: String) async throws {
        let error = await #expect(throws: OutboundError.self) {
            let request = HTTPRequest(.get, "http://127.0.0.1:1/", headers: [(name, value)])
            _ = try await HTTPClient().send(request)
        }
        #expect(error?.kind == .invalid)
    }

    @Test(
        "talks to a real server with a user's name",
        .enabled(if: brokerAPI != nil, "needs MILLRACE_TEST_BROKER_API"))
    func management() async throws {
        let client = HTTPClient()
        let url = try #require(brokerAPI) + "/api/whoami"
        let stranger = try await client.send(HTTPRequest(.get, url))
        #expect(stranger.status == 401)
        let auth = HTTPRequest.BasicAuth(user: "millrace", password: "millrace")
        let known = try await client.send(HTTPRequest(.get, url, basicAuth: auth))
        #expect(known.isSuccess)
        #expect(known.header("Content-Type") == "application/json")
        #expect(String(decoding: known.body, as: UTF8.self).contains(#""name":"millrace""#))
    }

    @Test(
        "fails or cuts when the answer is too long, as it was told",
        .enabled(if: brokerAPI != nil, "needs MILLRACE_TEST_BROKER_API"))
    func tooLong() async throws {
        let request = HTTPRequest(.get, try #require(brokerAPI) + "/")
        let error = await #expect(throws: OutboundError.self) {
            _ = try await HTTPClient(bodyLimitBytes: 10).send(request)
        }
        #expect(error?.kind == .tooLong)
        let cut = try await HTTPClient(bodyLimitBytes: 10, overflow: .isCut).send(request)
        #expect(cut.status == 200)
        #expect(cut.body.count == 10)
        #expect(cut.isTruncated)
    }
}
