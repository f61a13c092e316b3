import CCurl
import Foundation
import Lanes

/// Sends HTTP requests over connections that it keeps open.
///
/// It follows no redirect, uses no proxy but the given one, and verifies every certificate. Two
/// clients share no connection, so that a guarded one never uses what an unguarded one has opened.
public final class HTTPClient: Sendable {
    /// What becomes of an answer with a longer body than the limit.
    public enum Overflow: Sendable {
        /// The request fails.
        case fails
        /// The rest is not read; the response says so.
        case isCut
    }

    private let pool: ConnectionPool<HTTPConnection>

    /// - Parameters:
    ///   - label: Names the threads.
    ///   - connections: How many requests go out at the same time; the others wait.
    ///   - addresses: Whom it may talk to.
    ///   - certificateAuthorities: A file with the trusted roots; the system's by default.
    ///   - proxy: Through whom all goes, e.g. `http://10.0.0.1:3128`. The guard judges its address
    ///     then, and of others those that stand in a URL as numbers.
    public init(
        _ label: String = "http", connections: Int = 4,
        guardedBy addresses: AddressGuard = .anywhere,
        bodyLimitBytes: Int = 16 << 20, overflow: Overflow = .fails,
        certificateAuthorities: String? = nil, proxy: String? = nil
    ) {
        pool = ConnectionPool(size: connections) { number in
            HTTPConnection(
                lane: Lane("\(label).\(number)"), addresses: addresses,
                bodyLimitBytes: bodyLimitBytes, overflow: overflow,
                certificateAuthorities: certificateAuthorities, proxy: proxy)
        }
    }

    /// Sends the request and returns the whole answer, whatever its status.
    ///
    /// - Parameter sink: Where the body goes if the status is 2xx; the response has none then. The
    ///   limit of a body does not hold for it.
    /// - Throws: `OutboundError` when there is no answer; `CancellationError`; what the sink
    ///   throws.
    public func send(
        _ request: HTTPRequest, into sink: (any HTTPBodySink)? = nil
    ) async throws -> HTTPResponse {
        let stop = StopFlag()
        return try await withTaskCancellationHandler {
            try await pool.with { try await $0.send(request, into: sink, stop: stop) }
        } onCancel: {
            stop.set()
        }
    }
}

/// One libcurl handle on a thread of its own.
private actor HTTPConnection {
    private nonisolated let lane: Lane
    nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }
    private let handle = CurlHandle()
    private let addresses: AddressGuard
    private let bodyLimitBytes: Int
    private let overflow: HTTPClient.Overflow
    private let certificateAuthorities: String?
    private let proxy: String?

    init(
        lane: Lane, addresses: AddressGuard, bodyLimitBytes: Int, overflow: HTTPClient.Overflow,
        certificateAuthorities: String?, proxy: String?
    ) {
        self.lane = lane
        self.addresses = addresses
        self.bodyLimitBytes = bodyLimitBytes
        self.overflow = overflow
        self.certificateAuthorities = certificateAuthorities
        self.proxy = proxy
    }

    func send(
        _ request: HTTPRequest, into sink: (any HTTPBodySink)?, stop: StopFlag
    ) throws -> HTTPResponse {
        let url = try WebAddress(request.url)
        if proxy != nil { try judge(url, request.addresses ?? addresses) }
        let transfer = Transfer(
            guardedBy: request.addresses ?? addresses, isEncrypted: url.isEncrypted,
            bodyLimitBytes: bodyLimitBytes, sink: sink, stop: stop)
        handle.reset()
        let headers = CurlLines(try Self.headerLines(of: request, to: url))
        try prepare(request, headers: headers)
        try handle.attach(transfer)
        let result = handle.perform()
        extendLifetime(headers)
        // The handle keeps pointers to the headers and the transfer until it is told otherwise.
        let status = handle.responseCode
        handle.reset()
        return try response(result, status: status, transfer, from: url)
    }

    /// Behind a proxy no socket tells where a request goes.
    private func judge(_ url: WebAddress, _ addresses: AddressGuard) throws(OutboundError) {
        guard let address = IPAddress(url.host) else { return }
        if case .refused(let reason) = addresses.judge(
            address, port: url.port, isEncrypted: url.isEncrypted)
        {
            throw OutboundError(.guarded, url.origin, reason)
        }
    }

    private func prepare(
        _ request: HTTPRequest, headers: borrowing CurlLines
    ) throws(OutboundError) {
        try handle.set(CURLOPT_URL, request.url)
        try handle.setCommonOptions(
            protocols: "http,https", timeout: request.timeout,
            certificateAuthorities: certificateAuthorities)
        if let proxy {
            try handle.set(CURLOPT_PROXY, proxy)
            try handle.set(CURLOPT_NOPROXY, "")
        }
        if let stall = request.stallTimeout { try handle.setStallTimeout(stall) }
        if request.acceptsCompressed { try handle.set(CURLOPT_ACCEPT_ENCODING, "gzip, deflate") }
        try handle.set(CURLOPT_FOLLOWLOCATION, 0)
        try handle.set(CURLOPT_HTTPHEADER, headers)
        if request.method == .head {
            try handle.set(CURLOPT_NOBODY, 1)
        } else {
            try handle.set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        }
        if request.body != nil || request.method == .post || request.method == .put {
            try handle.setBody(request.body ?? Data())
        }
        if let auth = request.basicAuth {
            try handle.set(CURLOPT_HTTPAUTH, curl_auth_basic())
            try handle.set(CURLOPT_USERNAME, auth.user)
            try handle.set(CURLOPT_PASSWORD, auth.password)
        }
    }

    private func response(
        _ result: CURLcode, status: Int, _ transfer: Transfer, from url: WebAddress
    ) throws -> HTTPResponse {
        if let failure = transfer.sinkFailure { throw failure }
        let isCut = result == CURLE_WRITE_ERROR && transfer.isTruncated
        if isCut, overflow == .fails {
            throw OutboundError(
                .tooLong, url.origin, "the answer is longer than \(bodyLimitBytes) bytes")
        }
        guard result == CURLE_OK || isCut else {
            throw result.error(target: url.origin, transfer)
        }
        let fields = transfer.headerLines.compactMap { line -> (name: String, value: String)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            return (line[..<colon].lowercased(), value)
        }
        return HTTPResponse(
            status: status, headers: fields, body: transfer.body, isTruncated: isCut)
    }

    private static func headerLines(
        of request: HTTPRequest, to url: WebAddress
    ) throws(OutboundError) -> [String] {
        // An empty `Expect:` takes back the one that libcurl adds to longer bodies.
        let given = Set(request.headers.map { $0.name.lowercased() })
        var lines = ["Expect:", "User-Agent: Millrace", "Content-Type:"].filter { line in
            !given.contains { line.lowercased().hasPrefix("\($0):") }
        }
        for (name, value) in request.headers {
            let isSafe = (name + value).unicodeScalars.allSatisfy { $0.value >= 0x20 }
            guard isSafe, !name.isEmpty, !name.contains(":") else {
                throw OutboundError(.invalid, url.origin, "the header `\(name)` is malformed")
            }
            // A header without a value needs a semicolon, else libcurl leaves it out.
            lines.append(value.isEmpty ? "\(name);" : "\(name): \(value)")
        }
        return lines
    }
}
