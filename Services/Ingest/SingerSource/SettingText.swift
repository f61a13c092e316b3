import Events
import Foundation
import Pipelines

/// Settings of a program as JSON.
struct SettingText {
    private let secrets: PipelineSecrets
    /// The secrets that stand in what was written.
    private(set) var used: [String] = []

    init(_ secrets: PipelineSecrets) {
        self.secrets = secrets
    }

    /// The text, with secrets in it.
    mutating func text(_ settings: [String: SettingValue]) throws -> String {
        try text(.mapping(settings))
    }

    private mutating func text(_ value: SettingValue) throws -> String {
        switch value {
        case .text(let text): return try Self.quoted(text)
        case .number(let digits): return digits
        case .boolean(let isTrue): return String(isTrue)
        case .null: return "null"
        case .secret(let reference):
            let secret = try secrets.value(of: reference)
            used.append(secret)
            return try Self.quoted(secret)
        case .list(let values):
            var items: [String] = []
            for value in values { items.append(try text(value)) }
            return "[\(items.joined(separator: ", "))]"
        case .mapping(let values):
            var members: [String] = []
            for (key, value) in values.sorted(by: { $0.key < $1.key }) {
                members.append("\(try Self.quoted(key)): \(try text(value))")
            }
            return "{\(members.joined(separator: ", "))}"
        }
    }

    /// A value without secrets, for JSON that is put together otherwise.
    static func object(_ value: SettingValue) throws -> Any {
        var writer = SettingText(PipelineSecrets([:]))
        let text = try writer.text(value)
        return try JSONSerialization.jsonObject(
            with: Data(text.utf8), options: .fragmentsAllowed)
    }

    private static func quoted(_ text: String) throws -> String {
        String(decoding: try JSONEncoder().encode(text), as: UTF8.self)
    }
}
