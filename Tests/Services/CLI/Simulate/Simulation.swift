import Foundation
import HTTPServer
import Outbound
import Synchronization

@testable import millrace

/// A simulated service on a port of this host, for a test.
final class Simulation: Sendable {
    let url: String
    private let client = HTTPClient("simulation")
    private let lines: Lines

    /// What its log says.
    final class Lines: Sendable {
        let bytes = Mutex(Data())
    }

    private init(port: UInt16, _ lines: Lines) {
        url = "http://127.0.0.1:\(port)"
        self.lines = lines
    }

    /// Serves while the body runs.
    static func run(
        _ plan: SimulatePlan, _ body: (Simulation) async throws -> Void
    ) async throws {
        let lines = Lines()
        let log = RequestLog { line in lines.bytes.withLock { $0 += line } }
        let service = SimulatedService(plan, log: log)
        let server = try HTTPServer()
        let running = Task {
            await server.run { request in
                do {
                    return try await service.answer(request)
                } catch {
                    return HTTPServerResponse("\(error)", status: 599)
                }
            }
        }
        defer { running.cancel() }
        try await body(Simulation(port: server.port, lines))
    }

    /// The answer to a path with its query.
    func get(_ path: String, headers: [(name: String, value: String)] = []) async throws
        -> HTTPResponse
    {
        try await client.send(HTTPRequest(.get, url + path, headers: headers))
    }

    func text(_ path: String) async throws -> String {
        String(decoding: try await get(path).body, as: UTF8.self)
    }

    /// The log so far.
    func log() throws -> [RequestLog.Line] {
        try lines.bytes.withLock { $0 }.split(separator: UInt8(ascii: "\n")).map {
            try JSONDecoder().decode(RequestLog.Line.self, from: $0)
        }
    }

    /// A plan whose limit nobody meets.
    static func plan(reviews: Int = 100, seed: UInt64 = 1, faults: Double = 0) -> SimulatePlan {
        var plan = SimulatePlan()
        plan.reviews = reviews
        plan.seed = seed
        plan.faults = faults
        plan.rate = 100_000
        plan.burst = 1000
        return plan
    }
}
