/// SQL with `{{name}}` in it. Only names in code count: in a quoted text or a comment the braces
/// are ordinary characters.
public struct SQLTemplate: Sendable {
    /// One `{{name}}`.
    public struct Slot: Sendable, Equatable {
        public let name: String
        /// Where its braces open, in the template's text.
        public let range: Range<String.Index>
    }

    public let text: String
    /// In the order of the text.
    public let slots: [Slot]

    public init(_ text: String) {
        self.text = text
        slots = SQLText(text).pieces.filter { $0.kind == .code }
            .flatMap { Self.slots(in: $0.text, of: text) }
    }

    /// The text as it may stand in brackets; nil unless it is one statement.
    public var statement: String? {
        let sql = SQLText(text)
        guard sql.statementCount == 1, sql.pieces.allSatisfy(\.isClosed) else { return nil }
        return sql.trimmed
    }

    /// The names in it, each once, in order of appearance.
    public var names: [String] {
        var seen: Set<String> = []
        return slots.map(\.name).filter { seen.insert($0).inserted }
    }

    /// The text with each `{{name}}` replaced by what `value` gives for it.
    public func filled<Failure: Error>(
        _ value: (String) throws(Failure) -> String
    ) throws(Failure) -> String {
        var result = ""
        var at = text.startIndex
        for slot in slots {
            result += text[at..<slot.range.lowerBound]
            result += try value(slot.name)
            at = slot.range.upperBound
        }
        return result + text[at...]
    }

    private static func slots(in code: Substring, of text: String) -> [Slot] {
        code.matches(of: /\{\{\s*([^{}]*?)\s*\}\}/).map {
            Slot(name: String($0.output.1), range: $0.range)
        }
    }
}
