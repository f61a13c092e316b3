import Broker
import Events
import Foundation
import HTTPServer
import Kit
import Outbound
import Pipelines
import Service
import Spool
import Synchronization
import Telemetry
import Testing

@testable import ingest

/// A small API on this host that answers as a test says, and remembers who asked what.
final class TestAPI: Sendable {
    typealias Answer = @Sendable (HTTPServerRequest) -> HTTPServerResponse

    let server: HTTPServer
    private let seen = Mutex<[HTTPServerRequest]>([])

    init() throws { server = try HTTPServer() }

    var url: String { "http://127.0.0.1:\(server.port)" }
    var requests: [HTTPServerRequest] { seen.withLock { $0 } }
    func requests(of path: String) -> [HTTPServerRequest] { requests.filter { $0.path == path } }

    func run(_ answer: @escaping Answer) async {
        await server.run { request in
            self.seen.withLock { $0.append(request) }
            return answer(request)
        }
    }

    static func json(_ text: String, headers: [String: String] = [:]) -> HTTPServerResponse {
        var response = HTTPServerResponse(text, contentType: "application/json")
        response.headers = headers.map { ($0.key, $0.value) }
        return response
    }

    static func status(_ status: Int, headers: [String: String] = [:]) -> HTTPServerResponse {
        var response = HTTPServerResponse("no", status: status)
        response.headers = headers.map { ($0.key, $0.value) }
        return response
    }
}

/// An ingest with HTTP sources only.
struct HTTPBench: Sendable {
    let spool: Spool
    let publisher = RecordingPublisher()
    let lines = Lines()
    let context: ServiceContext
    let announcements: Announcements
    let watch: HTTPWatch

    init(_ path: String, allowed: String = "127.0.0.1/32", proxy: String? = nil) throws {
        let lines = lines
        spool = Spool(directory: path + "/spool")
        context = ServiceContext(
            name: "ingest", host: "here",
            log: Log(service: "ingest", form: .json) { lines.add($0) }, metrics: Metrics(),
            publisher: publisher)
        announcements = Announcements(spool: spool, context: context)
        let network = try #require(Network(allowed))
        watch = HTTPWatch(
            spool: spool, announcements: announcements, context: context,
            guardedBy: .publicOnly(except: [network], setting: "source-allow"), proxy: proxy,
            secrets: PipelineSecrets([
                "MILLRACE_SECRET_SHOP": "open sesame",
                "MILLRACE_SECRET_USER": "tokentokentokentokentoken",
                "MILLRACE_SECRET_USER_SECRET": "user & secret",
            ]))
    }

    /// The lines of all segments, in order.
    func records(of dataset: String? = nil) async throws -> [String] {
        let segments = try await spool.segments()
            .filter { dataset == nil || $0.facts.dataset == dataset }
        return try segments.flatMap { segment in
            try String(contentsOfFile: segment.path, encoding: .utf8).split(separator: "\n")
        }.map(String.init)
    }
}

extension AppliedDataset {
    static func http(
        _ source: HTTPSource, _ name: String = "orders", load: Load.Mode = .append
    ) -> AppliedDataset {
        AppliedDataset(
            pipeline: "shop", revision: "0123456789ab",
            dataset: Dataset(
                name: name, source: .http(source), format: .byName(CSVFormat()),
                columns: [Column(name: "id", field: "id", type: .bigint)], transform: nil,
                load: Load(mode: load, key: [], newestBy: nil), checks: []))
    }
}

/// Runs `body` while an ingest polls the API.
func withPolls(
    in path: String, _ items: [AppliedDataset], _ api: TestAPI, proxy: String? = nil,
    _ answer: @escaping TestAPI.Answer,
    _ body: @escaping @Sendable (HTTPBench) async throws -> Void
) async throws {
    let bench = try HTTPBench(path, proxy: proxy)
    await bench.watch.follow(items)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await api.run(answer) }
        group.addTask { try await bench.watch.run() }
        try await body(bench)
        group.cancelAll()
    }
}
