import Events
import Foundation
import Outbound
import Pipelines

/// Makes the requests of a source.
struct PageRequest {
    let source: HTTPSource
    let credentials: Credentials

    /// The request for a page.
    ///
    /// - Parameter values: What stands for `call.field` in URL and parameters.
    func request(
        _ state: PollState, for values: [String: String] = [:]
    ) async throws -> HTTPRequest {
        var field: HTTPField?
        switch (state.page ?? .first, source.pages) {
        case (.url(let url), _): return try await request(url)
        case (.bookmark(let token), .bookmark(_, let name)): field = HTTPField(name, token)
        case (.number(let number), .number(let name, _)): field = HTTPField(name, String(number))
        case (.offset(let offset), .offset(let name)): field = HTTPField(name, String(offset))
        // The first, or one of a way that the source had before.
        default: field = firstPage
        }
        return try await request(
            url(parameters(state, values) + [field].compactMap(\.self), values))
    }

    /// A request for that URL. Who asks is told to the source's own origin alone.
    func request(_ url: String) async throws -> HTTPRequest {
        var request = HTTPRequest(
            .get, url, headers: [("Accept", source.format.accepted)], timeout: .seconds(3_600))
        for field in source.headers {
            request.headers.removeAll { $0.name.lowercased() == field.name.lowercased() }
            request.headers.append((field.name, field.value))
        }
        request.stallTimeout = .milliseconds(source.timeoutMilliseconds)
        request.acceptsCompressed = true
        if let auth = source.auth, try WebAddress(url).origin == origin {
            try await credentials.identify(&request, as: auth)
        }
        return request
    }

    /// Where the source itself is.
    private var origin: String {
        get throws {
            // What is filled in may stand behind the host alone.
            let host = source.url.prefix { $0 != "{" }
            return try WebAddress(String(host)).origin
        }
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

    private var firstPage: HTTPField? {
        switch source.pages {
        case .number(let name, let first): HTTPField(name, String(first))
        case .offset(let name): HTTPField(name, "0")
        case .next, .linkHeader, .bookmark, nil: nil
        }
    }

    private func parameters(_ state: PollState, _ values: [String: String]) -> [HTTPField] {
        let mark = "{cursor}"
        var floor = state.floor
        if let cursor = source.cursor, let text = floor {
            floor =
                CursorValue(text, cursor.type)?
                .earlier(byMilliseconds: cursor.lagMilliseconds).text
        }
        return source.parameters.compactMap { field in
            let field = HTTPField(field.name, Self.filled(field.value, values) { $0 })
            guard field.value.contains(mark) else { return field }
            return floor.map { HTTPField(field.name, field.value.replacing(mark, with: $0)) }
        }
    }

    private func url(_ parameters: [HTTPField], _ values: [String: String]) -> String {
        let url = Self.path(source.url, values)
        guard !parameters.isEmpty else { return url }
        let query = parameters.map {
            "\(PercentText.encoded($0.name))=\(PercentText.encoded($0.value))"
        }
        return url + "?" + query.joined(separator: "&")
    }

    /// A value that is a path stays one; behind a slash its own is left out.
    private static func path(_ text: String, _ values: [String: String]) -> String {
        values.reduce(text) { text, field in
            let parts = field.value.split(separator: "/", omittingEmptySubsequences: false)
            // These two would lead elsewhere.
            let safe = parts.map {
                [".", ".."].contains($0) ? "" : PercentText.encoded(String($0))
            }
            let value = safe.joined(separator: "/")
            let inner = value.hasPrefix("/") ? String(value.dropFirst()) : value
            return text.replacing("/{\(field.key)}", with: "/\(inner)")
                .replacing("{\(field.key)}", with: value)
        }
    }

    private static func filled(
        _ text: String, _ values: [String: String], _ encode: (String) -> String
    ) -> String {
        values.reduce(text) { $0.replacing("{\($1.key)}", with: encode($1.value)) }
    }
}

extension HTTPFormat {
    /// What is asked for by the header `Accept`.
    fileprivate var accepted: String {
        switch self {
        case .json: "application/json"
        case .xml: "application/xml, text/xml"
        case .csv: "text/csv"
        }
    }
}
