import Events
import Foundation
import Outbound
import Pipelines

/// Makes the requests of a source.
struct PageRequest {
    let source: HTTPSource
    let secrets: PipelineSecrets

    /// The request for a page.
    func request(_ state: PollState) throws -> HTTPRequest {
        switch state.page ?? .first {
        case .first: return try request(url(parameters(state) + firstPage))
        case .bookmark(let token):
            guard case .bookmark(_, let name)? = source.pages else { return try restart(state) }
            return try request(url(parameters(state) + [HTTPField(name, token)]))
        case .number(let number):
            guard case .number(let name, _)? = source.pages else { return try restart(state) }
            return try request(url(parameters(state) + [HTTPField(name, String(number))]))
        case .offset(let offset):
            guard case .offset(let name)? = source.pages else { return try restart(state) }
            return try request(url(parameters(state) + [HTTPField(name, String(offset))]))
        case .url(let url): return try request(url)
        }
    }

    /// A request for that URL. Who asks is told to the source's own origin alone.
    func request(_ url: String) throws -> HTTPRequest {
        var request = HTTPRequest(
            .get, url, headers: [("Accept", "application/json")], timeout: .seconds(3_600))
        for field in source.headers {
            request.headers.removeAll { $0.name.lowercased() == field.name.lowercased() }
            request.headers.append((field.name, field.value))
        }
        request.stallTimeout = .milliseconds(source.timeoutMilliseconds)
        request.acceptsCompressed = true
        if let auth = source.auth, try WebAddress(url).origin == WebAddress(source.url).origin {
            try identify(&request, auth)
        }
        return request
    }

    /// The absolute URL of a link that stands in an answer. A key in its query is left out: it is
    /// added to each request, and is nothing to keep.
    func resolve(_ link: String, from url: String) throws -> String {
        let base = URL(string: url)
        guard let resolved = URL(string: link, relativeTo: base)?.absoluteURL,
            var parts = URLComponents(url: resolved, resolvingAgainstBaseURL: true)
        else {
            throw PollFailure(.permanent, "http.bad_link", "`\(link.prefix(200))` is no link")
        }
        parts.fragment = nil
        if case .keyInQuery(let name, _)? = source.auth,
            let items = parts.percentEncodedQueryItems
        {
            let rest = items.filter { $0.name.removingPercentEncoding != name }
            parts.percentEncodedQueryItems = rest.isEmpty ? nil : rest
        }
        return parts.string ?? resolved.absoluteString
    }

    /// A text without the secrets that may stand in it.
    func redacted(_ text: String) -> String {
        guard let auth = source.auth else { return text }
        let reference =
            switch auth {
            case .bearer(let secret), .basic(_, let secret), .keyInHeader(_, let secret),
                .keyInQuery(_, let secret):
                secret
            }
        guard let secret = try? secrets.value(of: reference), !secret.isEmpty else { return text }
        return text.replacing(secret, with: "***")
    }

    private func restart(_ state: PollState) throws -> HTTPRequest {
        var state = state
        state.page = .first
        return try request(state)
    }

    private var firstPage: [HTTPField] {
        switch source.pages {
        case .number(let name, let first): [HTTPField(name, String(first))]
        case .offset(let name): [HTTPField(name, "0")]
        case .next, .linkHeader, .bookmark, nil: []
        }
    }

    private func parameters(_ state: PollState) -> [HTTPField] {
        let mark = "{cursor}"
        var floor = state.floor
        if let cursor = source.cursor, let text = floor {
            floor =
                CursorValue(text, cursor.type)?
                .earlier(byMilliseconds: cursor.lagMilliseconds).text
        }
        return source.parameters.compactMap { field in
            guard field.value.contains(mark) else { return field }
            return floor.map { HTTPField(field.name, field.value.replacing(mark, with: $0)) }
        }
    }

    private func url(_ parameters: [HTTPField]) -> String {
        guard !parameters.isEmpty else { return source.url }
        let query = parameters.map { "\(Self.encoded($0.name))=\(Self.encoded($0.value))" }
        return source.url + "?" + query.joined(separator: "&")
    }

    private func identify(_ request: inout HTTPRequest, _ auth: HTTPAuth) throws {
        switch auth {
        case .bearer(let secret):
            request.headers.append(("Authorization", "Bearer \(try secrets.value(of: secret))"))
        case .basic(let user, let password):
            request.basicAuth = HTTPRequest.BasicAuth(
                user: user, password: try secrets.value(of: password))
        case .keyInHeader(let name, let secret):
            request.headers.append((name, try secrets.value(of: secret)))
        case .keyInQuery(let name, let secret):
            let value = Self.encoded(try secrets.value(of: secret))
            let joint = request.url.contains("?") ? "&" : "?"
            request.url += "\(joint)\(Self.encoded(name))=\(value)"
        }
    }

    /// Everything but RFC 3986's unreserved characters is encoded: `+` and `&` are data here.
    private static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain =
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                || "-._~".utf8.contains(byte)
            if isPlain { return String(UnicodeScalar(byte)) }
            let digits = String(byte, radix: 16, uppercase: true)
            return "%" + (digits.count == 1 ? "0" : "") + digits
        }.joined()
    }
}
