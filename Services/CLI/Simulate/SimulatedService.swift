import Foundation
import HTTPServer

/// Answers as the API of GoodReads did, at its pace, and badly now and then.
///
/// What it keeps is bounded: no more than a count, a bucket and the nonces of some minutes.
actor SimulatedService {
    /// The tables that the answers add up to are asked for below this path: without key, limit,
    /// fault or log.
    static let truthPath = "/truth/"

    private let plan: SimulatePlan
    private let log: RequestLog?
    private let catalogue: SimulatedCatalogue
    private let signature: RequestSignature
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private var bucket: RequestBucket
    private var nonces = RecentNonces()
    /// Of the requests that were let through so far; it decides their faults.
    private var served = 0
    private(set) var tally = Tally()

    /// How many requests came, and what became of them.
    struct Tally: Sendable {
        var requests = 0
        var tooMany = 0
        var faults = 0
    }

    init(_ plan: SimulatePlan, log: RequestLog? = nil) {
        self.plan = plan
        self.log = log
        catalogue = SimulatedCatalogue(plan)
        signature = RequestSignature(credentials: plan.credentials)
        bucket = RequestBucket(perSecond: plan.rate, burst: plan.burst)
        start = clock.now
    }

    /// The answer to a request. It is in the log when it is given.
    func answer(_ request: HTTPServerRequest) async throws -> HTTPServerResponse {
        let elapsed = start.duration(to: clock.now)
        let visible = catalogue.visible(after: elapsed)
        if request.path.hasPrefix(Self.truthPath) {
            return try catalogue.truth(request.path.dropFirst(Self.truthPath.count), visible)
        }
        let came = Date()
        let (response, fault) = decide(request, elapsed, visible)
        tally.requests += 1
        if response.status == 429 { tally.tooMany += 1 }
        if fault != nil { tally.faults += 1 }
        try await log?.add(
            RequestLog.Line(
                time: Self.text(came), seconds: Self.rounded(elapsed), method: request.method,
                path: request.path, query: Self.harmless(request.query), status: response.status,
                fault: fault))
        return response
    }

    private func decide(
        _ request: HTTPServerRequest, _ elapsed: Duration, _ visible: Int
    ) -> (HTTPServerResponse, fault: String?) {
        if let wait = bucket.take(at: elapsed) { return (.tooMany(after: wait), nil) }
        guard request.method == "GET" else { return (.refusal(405, "Use GET"), nil) }
        if let refusal = refusal(of: request) { return (refusal, nil) }
        served += 1
        let item = catalogue.find(request, visible: visible)
        guard case .found(let page) = item else {
            return (.refusal(404, "Page not found"), item == .gone ? "gone" : nil)
        }
        let fault = SimulatedFault(seed: plan.seed, request: served, share: plan.faults)
        return harm(page, fault, request)
    }

    /// Why the caller gets nothing; nil for one who may ask.
    private func refusal(of request: HTTPServerRequest) -> HTTPServerResponse? {
        guard plan.signsAll || request.path == SimulatedCatalogue.signedPath else {
            let isKnown = request.query["key"] == plan.credentials.key
            return isKnown ? nil : .refusal(401, "Invalid API key.")
        }
        let base = "http://\(request.headers["host"]?.lowercased() ?? "")"
        let now = Int(Date().timeIntervalSince1970)
        if let reason = signature.refusal(of: request, base: base, now: now) {
            return .refusal(401, "Invalid OAuth request: \(reason).")
        }
        let nonce = RequestSignature.parameters(of: request)["oauth_nonce", default: ""]
        guard nonces.add(nonce, at: now) else {
            return .refusal(401, "Invalid OAuth request: the nonce has come before.")
        }
        return nil
    }

    private func harm(
        _ page: SimulatedCatalogue.Page, _ fault: SimulatedFault?, _ request: HTTPServerRequest
    ) -> (HTTPServerResponse, fault: String?) {
        var response = HTTPServerResponse(
            catalogue.text(of: page, key: plan.credentials.key),
            contentType: "application/xml; charset=utf-8")
        switch fault {
        case nil: return (response, nil)
        case .broken(let status): response = .broken(status)
        case .slow: response.delivery = .dripped(pieces: 8, pause: .milliseconds(250))
        case .cut: response.delivery = .cut(afterBytes: response.body.count / 2)
        case .redirect:
            // What has been found in its new place, and a list, stay where they are.
            guard let path = catalogue.otherPath(of: page, request.path) else {
                return (response, nil)
            }
            response = .redirect(to: path, request)
        }
        return (response, fault?.name)
    }

    private static func text(_ date: Date) -> String {
        Date.ISO8601FormatStyle(includingFractionalSeconds: true).format(date)
    }

    private static func rounded(_ duration: Duration) -> Double {
        (duration / .microseconds(1)).rounded() / 1e6
    }

    /// A log is shown around; a key is not.
    private static func harmless(_ query: [String: String]) -> [String: String] {
        query.filter { $0.key != "key" && !$0.key.hasPrefix("oauth_") }
    }
}

extension HTTPServerResponse {
    fileprivate static func tooMany(after wait: Duration) -> HTTPServerResponse {
        var response = refusal(429, "Too many requests")
        let seconds = max(1, Int((wait / .seconds(1)).rounded(.up)))
        response.headers = [("Retry-After", "\(seconds)")]
        return response
    }

    fileprivate static func refusal(_ status: Int, _ reason: String) -> HTTPServerResponse {
        HTTPServerResponse(
            "<error>\(reason)</error>", status: status,
            contentType: "application/xml; charset=utf-8")
    }

    fileprivate static func broken(_ status: Int) -> HTTPServerResponse {
        HTTPServerResponse(
            "<html><body><h1>Over capacity</h1></body></html>", status: status,
            contentType: "text/html; charset=utf-8")
    }

    fileprivate static func redirect(
        to path: String, _ request: HTTPServerRequest
    ) -> HTTPServerResponse {
        let query = request.query.filter { $0.key != "id" && !$0.key.hasPrefix("oauth_") }
            .sorted { $0.key < $1.key }
        let pairs = query.map { "\($0)=\(RequestSignature.encoded($1))" }
        let target = pairs.isEmpty ? path : path + "?" + pairs.joined(separator: "&")
        let url = "http://\(request.headers["host"] ?? "")\(target)"
        var response = HTTPServerResponse(
            "<html><body>You are being <a href=\"\(XMLText.escaped(url))\">redirected</a>."
                + "</body></html>", status: 301, contentType: "text/html; charset=utf-8")
        response.headers = [("Location", url)]
        return response
    }
}
