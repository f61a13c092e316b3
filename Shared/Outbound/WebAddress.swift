import CCurl

/// A URL as libcurl reads it, so that no other reading of it can differ from where it connects.
public struct WebAddress: Sendable {
    /// True for `https`.
    public let isEncrypted: Bool
    public let host: String
    let port: Int
    /// Scheme, host and port: what may stand in a log line.
    public let origin: String
    /// The origin in lower case, without a port that goes without saying.
    let plainOrigin: String

    /// - Throws: `OutboundError` (invalid) when it is not an absolute `http` or `https` URL without
    ///   credentials.
    public init(_ text: String) throws(OutboundError) {
        let parsed = curl_url()
        defer { curl_url_cleanup(parsed) }
        guard !text.unicodeScalars.contains(where: { $0.value <= 0x20 || $0.value == 0x7F }),
            curl_url_set(parsed, CURLUPART_URL, text, 0) == CURLUE_OK,
            let scheme = Self.part(CURLUPART_SCHEME, of: parsed),
            ["http", "https"].contains(scheme),
            let host = Self.part(CURLUPART_HOST, of: parsed), !host.isEmpty
        else { throw OutboundError(.invalid, "URL", "it must start with https:// and name a host") }
        isEncrypted = scheme == "https"
        self.host = host
        let given = Self.part(CURLUPART_PORT, of: parsed)
        self.port = given.flatMap { Int($0) } ?? (scheme == "https" ? 443 : 80)
        let port = given.map { ":\($0)" } ?? ""
        origin = "\(scheme)://\(host)\(port)"
        let isUsual = port == (isEncrypted ? ":443" : ":80")
        plainOrigin = "\(scheme)://\(host.lowercased())\(isUsual ? "" : port)"
        guard Self.part(CURLUPART_USER, of: parsed) == nil,
            Self.part(CURLUPART_PASSWORD, of: parsed) == nil
        else { throw OutboundError(.invalid, origin, "the URL may not hold a user or password") }
    }

    private static func part(_ part: CURLUPart, of url: OpaquePointer?) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(url, part, &text, 0) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }
}
