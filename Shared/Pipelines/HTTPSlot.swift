/// `{call.field}` in a URL or parameter: a value of the record that a call is made for.
public struct HTTPSlot: Sendable, Equatable {
    /// The call that has given the record.
    public var call: String
    /// The keys that lead to the value.
    public var field: [String]
    /// What stands between the braces.
    public var text: String { ([call] + field).joined(separator: ".") }

    /// Those of a call's URL and parameters, each once.
    public static func all(in call: HTTPSource) -> [HTTPSlot] {
        var slots: [HTTPSlot] = []
        for text in [call.url] + call.parameters.map(\.value) {
            for slot in all(in: text) where !slots.contains(slot) { slots.append(slot) }
        }
        return slots
    }

    static func all(in text: String) -> [HTTPSlot] {
        guard text.contains("{") else { return [] }
        return text.matches(of: /\{([a-z][a-z0-9_]*)\.([^{}\s]+)\}/).map { match in
            HTTPSlot(
                call: String(match.output.1),
                field: match.output.2.split(separator: ".").map(String.init))
        }
    }
}
