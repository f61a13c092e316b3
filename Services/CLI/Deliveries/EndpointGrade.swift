import Foundation
import Outbound

/// Requests that show whether an endpoint takes what is ours and nothing else.
struct EndpointGrade: Sendable {
    /// One request and what a careful endpoint answers.
    struct Probe: Sendable {
        let name: String
        let isTaken: Bool
        let why: String
        fileprivate let headers: [(name: String, value: String)]
        fileprivate let body: Data
    }

    /// How a probe went.
    struct Answer: Sendable {
        let probe: Probe
        /// Nil where there was none.
        let status: Int?
        let error: String?
        let seconds: Double

        var isRight: Bool {
            guard let status else { return false }
            return probe.isTaken ? (200..<300).contains(status) : (400..<500).contains(status)
        }
    }

    let url: String
    let client: HTTPClient

    /// Sends one after the other.
    ///
    /// - Throws: `CancellationError` only.
    func send(_ probes: [Probe]) async throws -> [Answer] {
        var answers: [Answer] = []
        let clock = ContinuousClock()
        for probe in probes {
            let begin = clock.now
            func answer(_ status: Int?, _ error: String?) -> Answer {
                Answer(
                    probe: probe, status: status, error: error,
                    seconds: (clock.now - begin) / .seconds(1))
            }
            do {
                let response = try await client.send(
                    HTTPRequest(
                        .post, url, headers: [("Content-Type", "application/json")] + probe.headers,
                        body: probe.body, timeout: .seconds(15)))
                answers.append(answer(response.status, nil))
            } catch let error as OutboundError {
                answers.append(answer(nil, error.reason))
            }
        }
        return answers
    }

    /// All probes, in an order in which the duplicate follows what it repeats.
    static func probes(secret: WebhookSecret, now: Date = Date()) throws -> [Probe] {
        let body = Data(
            #"{"type":"io.millrace.alert.raised.v1","data":{"title":"grading this endpoint"}}"#.utf8
        )
        let other = WebhookSecret()
        func headers(
            _ id: String, at time: Date = now, _ secrets: [WebhookSecret]
        ) throws -> [(name: String, value: String)] {
            try WebhookSignature.headers(id: id, at: time, body: body, secrets: secrets)
        }
        let id = "msg_grade_\(UUID().uuidString.lowercased())"
        let valid = try headers(id, [secret])
        func probe(
            _ name: String, taken isTaken: Bool, _ why: String,
            _ headers: [(name: String, value: String)], body changed: Data? = nil
        ) -> Probe {
            Probe(
                name: name, isTaken: isTaken, why: why, headers: headers, body: changed ?? body)
        }
        return [
            probe("valid", taken: true, "it is ours", valid),
            probe("duplicate", taken: true, "the same id again is known, not wrong", valid),
            probe(
                "two signatures", taken: true, "a secret is being replaced",
                try headers(id + "_two", [other, secret])),
            probe(
                "unsigned", taken: false, "anybody can send it",
                [("webhook-id", id + "_none"), ("webhook-timestamp", valid[1].value)]),
            probe(
                "wrong secret", taken: false, "it is not ours",
                try headers(id + "_other", [other])),
            probe(
                "changed body", taken: false, "the signature is of another body", valid,
                body: body + Data(" ".utf8)),
            probe(
                "changed id", taken: false, "the signature is of another id",
                [("webhook-id", id + "_changed")] + valid.dropFirst()),
            probe(
                "old", taken: false, "an hour ago: somebody plays it again",
                try headers(id + "_old", at: now.addingTimeInterval(-3600), [secret])),
            probe(
                "from the future", taken: false, "an hour ahead",
                try headers(id + "_new", at: now.addingTimeInterval(3600), [secret])),
        ]
    }
}
