import Foundation
import HTTPServer
import Outbound
import Processes
import Testing

/// `millrace simulate goodreads` as a process, for a test.
final class SimulatedAPI: Sendable {
    /// A line of its log.
    struct Request: Decodable, Sendable {
        let time: String
        let path: String
        let query: [String: String]
        let status: Int
        let fault: String?

        var date: Date {
            get throws {
                try Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(time)
            }
        }
    }

    let url: String
    private let process: ChildProcess
    private let logFile: URL
    private let client = HTTPClient("simulated-api")

    private init(_ url: String, _ process: ChildProcess, _ logFile: URL) {
        self.url = url
        self.process = process
        self.logFile = logFile
    }

    /// Starts it with a twentieth of faults; returns when it answers.
    static func start(_ stack: TestStack, reviews: Int, rate: Int) async throws -> SimulatedAPI {
        let log = try stack.newFolder("simulated").appending(path: "log.jsonl")
        // The port is free again when the server is gone.
        let port = try { try HTTPServer().port }()
        let process = try await stack.start(
            "simulate", "goodreads", "--port", "\(port)", "--reviews", "\(reviews)", "--seed", "11",
            "--faults", "5%", "--rate", "\(rate)/s", "--burst", "\(max(1, rate / 10))",
            "--key", "end to end", "--log", log.path)
        let api = SimulatedAPI("http://127.0.0.1:\(port)", process, log)
        let clock = ContinuousClock()
        let end = clock.now + .seconds(30)
        while true {
            do {
                _ = try await api.truth("users")
                return api
            } catch let error as OutboundError where clock.now < end {
                try await clock.sleep(for: .milliseconds(50))
                _ = error
            }
        }
    }

    /// The rows that a table must have, as JSON.
    func truth(_ table: String) async throws -> [Substring] {
        let response = try await client.send(HTTPRequest(.get, "\(url)/truth/\(table).jsonl"))
        try #require(response.status == 200)
        return String(decoding: response.body, as: UTF8.self).split(separator: "\n")
    }

    func count(_ table: String) async throws -> Int { try await truth(table).count }

    /// What it was asked, in order.
    func log() throws -> [Request] {
        try Data(contentsOf: logFile).split(separator: UInt8(ascii: "\n")).map {
            try JSONDecoder().decode(Request.self, from: $0)
        }
    }

    func stop() async throws {
        let result = await process.stop()
        #expect(result.isSuccess, "\(result.errorText)")
    }
}
