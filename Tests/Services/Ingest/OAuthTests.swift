import Foundation
import HTTPServer
import Kit
import Pipelines
import Processes
import Spool
import Synchronization
import Testing

@testable import ingest

@Suite("OAuth", .timeLimit(.minutes(5)))
struct OAuthTests {
    private static let fast = HTTPRate(requests: 500, perSeconds: 1)

    private static func source(_ url: String, _ way: HTTPOAuth2.ClientAuth = .basic) -> HTTPSource {
        HTTPSource(
            url: url + "/orders",
            auth: .oauth2(
                HTTPOAuth2(
                    tokenURL: url + "/token", clientID: "me:too",
                    clientSecret: SecretReference("shop"), scope: "a b", clientAuth: way)),
            everySeconds: 1, rate: fast)
    }

    @Test("2.0 fetches a token, before it expires another, and one when it is refused")
    func tokens() async throws {
        let api = try TestAPI()
        let good = Mutex("")
        let seconds = Mutex(3_600)
        try await withFolder { path in
            try await withPolls(
                in: path, [.http(Self.source(api.url))], api,
                { request in
                    let basic = Data("me%3Atoo:open%20sesame".utf8).base64EncodedString()
                    if request.path == "/token" {
                        guard request.headers["authorization"] == "Basic \(basic)",
                            request.body == Data("grant_type=client_credentials&scope=a%20b".utf8)
                        else { return TestAPI.status(400) }
                        let token = UUID().uuidString
                        good.withLock { $0 = token }
                        return TestAPI.json(
                            "{\"access_token\": \"\(token)\", \"expires_in\": \(seconds.withLock { $0 })}"
                        )
                    }
                    return request.headers["authorization"] == "Bearer \(good.withLock { $0 })"
                        ? TestAPI.json("[{\"id\": 1}]") : TestAPI.status(401)
                }
            ) { bench in
                func tokens() -> Int { api.requests(of: "/token").count }
                func polls() -> Int { api.requests(of: "/orders").count }
                try await eventually { polls() >= 2 }
                #expect(tokens() == 1)
                // Refused: another, once, without a word.
                good.withLock { $0 = "other" }
                seconds.withLock { $0 = 1 }
                let before = polls()
                try await eventually { polls() >= before + 2 }
                #expect(tokens() == 2)
                // It is good for 0.9 s, and a poll comes each second.
                try await eventually { tokens() >= 4 }
                #expect(bench.lines.count(of: "cannot be read") == 0)
                #expect(bench.lines.count(of: "sesame") == 0)
            }
        }
    }

    @Test("2.0 gives up when a new token is refused as well, or there is none")
    func refused() async throws {
        let api = try TestAPI()
        try await withFolder { path in
            try await withPolls(
                in: path, [.http(Self.source(api.url, .body))], api,
                { request in
                    guard request.path == "/token" else { return TestAPI.status(401) }
                    let body = String(decoding: request.body, as: UTF8.self)
                    guard body.contains("client_id=me%3Atoo&client_secret=open%20sesame") else {
                        return TestAPI.status(400)
                    }
                    return api.requests(of: "/token").count > 2
                        ? TestAPI.status(403) : TestAPI.json("{\"access_token\": \"x\"}")
                }
            ) { bench in
                try await eventually { bench.lines.count(of: "it answers 401") == 1 }
                #expect(api.requests(of: "/token").count >= 2)
                try await eventually {
                    bench.lines.count(of: "the token's server answers 403") >= 1
                }
            }
        }
    }

    @Test(
        "is what others' servers understand",
        .enabled(if: TestPython.isAvailable, Comment(rawValue: TestPython.missing)),
        arguments: [
            HTTPAuth.oauth1(
                HTTPOAuth1(
                    consumerKey: "consumerconsumerconsumer",
                    consumerSecret: SecretReference("shop"),
                    token: SecretReference("user"), tokenSecret: SecretReference("user_secret"))),
            .oauth2(
                HTTPOAuth2(
                    tokenURL: "", clientID: "me", clientSecret: SecretReference("shop"),
                    clientAuth: .body)),
        ])
    func others(auth: HTTPAuth) async throws {
        try await withFolder { path in
            let server = try await ChildProcess.start(
                Command(
                    TestPython.path ?? "python3", ["-c", Self.script, path + "/port"],
                    output: .null, errorOutput: .inherit))
            do {
                var port: String?
                try await eventually {
                    port = try? String(contentsOfFile: path + "/port", encoding: .utf8)
                    return port?.isEmpty == false
                }
                let url = "http://127.0.0.1:\(port ?? "")"
                var auth = auth
                if case .oauth2(var own) = auth {
                    own.tokenURL = url + "/token"
                    auth = .oauth2(own)
                }
                let source = HTTPSource(
                    url: url + "/orders", parameters: [HTTPField("q a", "x&y=z+%20é")], auth: auth,
                    everySeconds: 3_600, rate: Self.fast)
                try await withPolls(in: path, [.http(source)], try TestAPI(), { _ in .notFound }) {
                    bench in
                    try await eventually {
                        try await !bench.records().isEmpty
                            || bench.lines.count(of: "cannot be read") > 0
                    }
                    #expect(try await bench.records() == ["{\"q a\": \"x&y=z+%20\\u00e9\"}"])
                }
            } catch {
                _ = await server.stop()
                throw error
            }
            _ = await server.stop()
        }
    }

    /// A server that lets in whom oauthlib lets in.
    private static let script = """
        import json, sys, os
        from http.server import BaseHTTPRequestHandler, HTTPServer
        from urllib.parse import urlsplit, parse_qsl
        from oauthlib import oauth1, oauth2

        class One(oauth1.RequestValidator):
            enforce_ssl = False
            dummy_client = dummy_access_token = 'dummydummydummydummy'
            def validate_timestamp_and_nonce(self, *a, **k): return True
            def validate_client_key(self, key, request): return key == 'consumer' * 3
            def validate_access_token(self, key, token, request): return token == 'tokentokentokentokentoken'
            def validate_realms(self, *a, **k): return True
            def get_client_secret(self, key, request): return 'open sesame'
            def get_access_token_secret(self, key, token, request): return 'user & secret'
            def check_access_token(self, token): return True

        class Two(oauth2.RequestValidator):
            tokens = set()
            def client_authentication_required(self, request, *a, **k): return True
            def authenticate_client(self, request, *a, **k):
                request.client = type('Client', (), {'client_id': request.client_id})()
                return (request.client_id, request.client_secret) == ('me', 'open sesame')
            def validate_grant_type(self, client, kind, *a, **k): return kind == 'client_credentials'
            def get_default_scopes(self, *a, **k): return ['orders']
            def validate_scopes(self, *a, **k): return True
            def save_bearer_token(self, token, request, *a, **k): self.tokens.add(token['access_token'])
            def validate_bearer_token(self, token, scopes, request): return token in self.tokens

        one = oauth1.ResourceEndpoint(One())
        two = oauth2.BackendApplicationServer(Two())

        class Handler(BaseHTTPRequestHandler):
            def answer(self, status, body):
                self.send_response(status)
                self.send_header('Content-Length', str(len(body)))
                self.end_headers()
                self.wfile.write(body.encode())
            def uri(self): return 'http://' + self.headers['Host'] + self.path
            def do_POST(self):
                body = self.rfile.read(int(self.headers['Content-Length'])).decode()
                headers, body, status = two.create_token_response(
                    'https' + self.uri()[4:], 'POST', body, dict(self.headers))
                self.answer(status, body)
            def do_GET(self):
                if self.headers['Authorization'].startswith('OAuth'):
                    valid, request = one.validate_protected_resource_request(
                        self.uri(), 'GET', None, dict(self.headers))
                else:
                    valid, request = two.verify_request(
                        'https' + self.uri()[4:], 'GET', None, dict(self.headers), ['orders'])
                if not valid: return self.answer(403, 'no')
                self.answer(200, '[' + json.dumps(dict(parse_qsl(urlsplit(self.path).query))) + ']')

        server = HTTPServer(('127.0.0.1', 0), Handler)
        with open(sys.argv[1] + '.new', 'w') as file: file.write(str(server.server_port))
        os.rename(sys.argv[1] + '.new', sys.argv[1])
        server.serve_forever()
        """
}
