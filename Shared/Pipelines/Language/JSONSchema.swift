import Foundation

/// The language as a JSON Schema, for editors: made of the readers' own tables of keys.
public enum JSONSchema {
    /// The schema of `pipeline.yaml` (draft 2020-12), keys sorted, with a line feed at its end.
    public static func pipeline() throws -> String {
        var schema = object(PipelineReader.keys)
        schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
        schema["title"] = "A Millrace pipeline"
        let bytes = try JSONSerialization.data(
            withJSONObject: schema, options: [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes])
        return String(decoding: bytes, as: UTF8.self) + "\n"
    }

    private static func object(_ keys: Keys) -> [String: Any] {
        var schema: [String: Any] = ["type": "object", "additionalProperties": false]
        schema["properties"] = Dictionary(
            keys.all.map { ($0.name, property($0)) }, uniquingKeysWith: { $1 })
        let required = keys.all.filter(\.isRequired).map(\.name)
        if !required.isEmpty { schema["required"] = required }
        return schema
    }

    private static func property(_ key: Key) -> [String: Any] {
        var schema = schema(key.shape)
        schema["description"] =
            key.about + (key.example.map { ", like \(key.name): \($0)" } ?? "")
        return schema
    }

    private static func schema(_ shape: Shape) -> [String: Any] {
        switch shape {
        case .text: ["type": ["string", "number"]]
        case .name: ["type": "string", "pattern": "^(\(name)|.*\(reference).*)$"]
        case .words(let words): any(["enum": words], filled)
        case .boolean: any(["type": "boolean"], filled)
        case .integer(let range): any(integer(range), filled)
        case .duration: any(["type": "string", "pattern": "^[0-9]{1,6}(ms|s|m)$"], filled)
        case .value, .literal, .setting: ["type": ["string", "number", "boolean"]]
        case .secret: ["type": "string", "pattern": "^\\$\\{secret:\(name)\\}$"]
        case .settings: ["type": "object"]
        case .sql: ["type": "string"]
        case .pattern(let pattern):
            any(["type": "string", "pattern": "^(\(pattern))$"], filled)
        case .list(let item): list(item, least: 1)
        case .oneOrMore(let item): any(schema(item), list(item, least: 1))
        case .anyNumber(let item): any(schema(item), list(item, least: 0))
        case .keys(let keys): object(keys)
        case .named(let value):
            [
                "type": "object", "propertyNames": ["pattern": "^\(name)$"], "minProperties": 1,
                "additionalProperties": schema(value),
            ]
        case .texts(let value):
            ["type": "object", "minProperties": 1, "additionalProperties": schema(value)]
        case .either(let shapes): ["anyOf": shapes.map(schema)]
        }
    }

    private static func integer(_ range: ClosedRange<Int>) -> [String: Any] {
        var schema: [String: Any] = ["type": "integer"]
        if range.lowerBound > .min { schema["minimum"] = range.lowerBound }
        if range.upperBound < .max { schema["maximum"] = range.upperBound }
        return schema
    }

    private static func list(_ item: Shape, least: Int) -> [String: Any] {
        ["type": "array", "items": schema(item), "minItems": least]
    }

    private static func any(_ schemas: [String: Any]...) -> [String: Any] { ["anyOf": schemas] }

    private static let name = "[a-z][a-z0-9_]{0,\(NameRule.limitBytes - 1)}"
    private static let reference = "\\$\\{\(name)\\}"
    /// A value that is filled in.
    private static var filled: [String: Any] {
        ["type": "string", "pattern": reference]
    }
}
