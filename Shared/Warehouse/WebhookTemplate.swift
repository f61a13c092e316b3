import Events
import Foundation
import Pipelines

/// What a webhook's other side understands.
public enum WebhookAdapter: Sendable, Equatable {
    /// The envelope, or the alert alone.
    case none
    case text
    case slack
    case teams
    case template(WebhookTemplate)

    /// As flags and the table spell them.
    public static let names = ["text", "slack", "teams", "template"]
}

/// A body for any HTTP gateway, such as one that sends text messages: its own words with places for
/// what the alert says, escaped as the content type wants it.
public struct WebhookTemplate: Sendable, Equatable {
    /// The forms of a body.
    public enum ContentType: String, Codable, Sendable, CaseIterable {
        case json = "application/json"
        case form = "application/x-www-form-urlencoded"
        case text = "text/plain"
    }

    /// What may stand in `{{…}}`.
    public enum Name: String, Sendable, CaseIterable {
        /// One line of at most 160 characters.
        case text
        case id, title, detail, severity, topic, pipeline, dataset, command, time
    }

    public let contentType: ContentType
    /// Names and values; `{{secret:NAME}}` stands for what the notifier knows by that name.
    public let headers: [String: String]
    public let body: String

    /// Reads `{"contentType": …, "headers": {…}, "body": "…"}`.
    ///
    /// - Throws: A permanent `HandlingError` that names the mistake: an unknown key or place, a
    ///   secret in the body, a body that is not what its content type says.
    public init(json text: String) throws {
        let form: Form
        do {
            let keys = try JSONDecoder().decode([String: Anything].self, from: Data(text.utf8)).keys
            for key in keys.sorted() where !["contentType", "headers", "body"].contains(key) {
                throw Self.mistake(
                    "unknown key `\(key)`; there are `contentType`, `headers` and `body`")
            }
            form = try JSONDecoder().decode(Form.self, from: Data(text.utf8))
        } catch is DecodingError {
            throw Self.mistake(
                #"write {"contentType": "application/json", "headers": {"X-Key": "…"}, "#
                    + #""body": "…"}; contentType is one of "#
                    + ContentType.allCases.map(\.rawValue).joined(separator: ", "))
        }
        contentType = form.contentType
        headers = form.headers ?? [:]
        body = form.body
        try checkPlaces()
        try checkHeaders()
        guard contentType != .json || Self.isJSON(render(Self.samples)) else {
            throw Self.mistake(
                "the body is not JSON when its places are filled; a place stands inside quotes, "
                    + #"e.g. {"text": "{{text}}"}"#)
        }
    }

    /// As it is stored.
    public var json: String {
        get throws {
            let form = Form(contentType: contentType, headers: headers, body: body)
            return String(decoding: try EventJSON.encode(form), as: UTF8.self)
        }
    }

    /// The body with its places filled.
    public func render(_ values: [Name: String]) -> String {
        fill(body) { place in
            Name(rawValue: place).map { escaped(values[$0] ?? "") }
        }
    }

    /// The headers with their secrets.
    ///
    /// - Throws: A permanent `HandlingError` that names the secret which is not there.
    public func headers(secret: (String) -> String?) throws -> [String: String] {
        var missing: String?
        let filled = headers.mapValues { value in
            fill(value) { place in
                let name = String(place.dropFirst(Self.secretMark.count))
                guard let word = secret(name) else {
                    missing = missing ?? name
                    return ""
                }
                return word
            }
        }
        if let missing {
            throw Self.mistake(
                "the notifier knows no secret `\(missing)`; set MILLRACE_WEBHOOK_SECRET_\(missing)")
        }
        return filled
    }

    private func checkPlaces() throws(HandlingError) {
        var wrong: String?
        _ = fill(body) { place in
            if Name(rawValue: place) == nil { wrong = wrong ?? place }
            return ""
        }
        guard let wrong else { return }
        let names = Name.allCases.map(\.rawValue)
        let hint = Spelling.nearest(to: wrong, among: names).map { "; did you mean `\($0)`?" }
        throw Self.mistake(
            wrong.hasPrefix(Self.secretMark)
                ? "secrets stand in headers only, since bodies are signed and kept"
                : "unknown place `{{\(wrong)}}`\(hint ?? "")")
    }

    private func checkHeaders() throws(HandlingError) {
        for (name, value) in headers {
            let isName =
                !name.isEmpty
                && name.utf8.allSatisfy {
                    (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20) || $0 == 0x2D
                }
            let isValue = value.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
            guard isName, isValue, !Self.reserved.contains(name.lowercased()) else {
                throw Self.mistake("the header `\(name)` cannot be set")
            }
            var wrong: String?
            _ = fill(value) { place in
                let secret = place.dropFirst(Self.secretMark.count)
                let isSecret =
                    place.hasPrefix(Self.secretMark) && !secret.isEmpty
                    && secret.utf8.allSatisfy {
                        (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || $0 == 0x5F
                    }
                if !isSecret { wrong = wrong ?? place }
                return ""
            }
            if let wrong {
                throw Self.mistake(
                    "`{{\(wrong)}}` in the header `\(name)`; write {{secret:NAME}}, with a name of "
                        + "capitals, digits and _")
            }
        }
    }

    private func escaped(_ text: String) -> String {
        switch contentType {
        case .text:
            return text
        case .form:
            let plain = CharacterSet(
                charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
            return text.addingPercentEncoding(withAllowedCharacters: plain) ?? ""
        case .json:
            let quoted = String(
                decoding: (try? JSONEncoder().encode(text)) ?? Data(), as: UTF8.self)
            return String(quoted.dropFirst().dropLast())
        }
    }

    /// - Parameter value: Of a place; what it has none for stays as it is.
    private func fill(_ text: String, _ value: (String) -> String?) -> String {
        var out = ""
        var rest = text[...]
        while let open = rest.range(of: "{{"),
            let close = rest[open.upperBound...].range(of: "}}")
        {
            let place = rest[open.upperBound..<close.lowerBound].filter { $0 != " " }
            out += rest[..<open.lowerBound]
            out += value(String(place)) ?? String(rest[open.lowerBound..<close.upperBound])
            rest = rest[close.upperBound...]
        }
        return out + rest
    }

    private static func isJSON(_ text: String) -> Bool {
        (try? JSONDecoder().decode(Anything.self, from: Data(text.utf8))) != nil
    }

    private static func mistake(_ words: String) -> HandlingError {
        HandlingError(.permanent, "subscription.template", "webhook template: \(words)")
    }

    private struct Form: Codable {
        var contentType: ContentType
        var headers: [String: String]?
        var body: String
    }

    /// Any JSON value, of which nothing matters but that it is one.
    private struct Anything: Decodable {
        init(from decoder: any Decoder) throws {}
    }

    private static let secretMark = "secret:"
    /// Those that are ours to set.
    private static let reserved = [
        "content-type", "content-length", "host", "connection", "transfer-encoding", "webhook-id",
        "webhook-timestamp", "webhook-signature",
    ]
    private static let samples = Dictionary(
        uniqueKeysWithValues: Name.allCases.map { ($0, "a \"b\"\n\\ ü") })
}

extension WebhookAdapter {
    /// Reads what the table holds.
    public init(_ name: String?, template: String?) throws {
        switch name {
        case nil: self = .none
        case "text": self = .text
        case "slack": self = .slack
        case "teams": self = .teams
        default: self = .template(try WebhookTemplate(json: template ?? ""))
        }
    }

    var template: WebhookTemplate? {
        if case .template(let template) = self { return template }
        return nil
    }

    /// What the table holds; nil for Millrace's own body.
    var name: String? {
        switch self {
        case .none: nil
        case .text: "text"
        case .slack: "slack"
        case .teams: "teams"
        case .template: "template"
        }
    }
}
