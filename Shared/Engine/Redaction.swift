import Pipelines

/// Keeps what records hold out of rejects and messages, where a dataset has personal data: values
/// may stand in the wrong field, so that none is shown, of whatever column.
struct Redaction: Sendable {
    private let names: Set<String>

    /// What stands in place of a record.
    static let raw = "(not kept: the dataset has personal data)"

    /// Nil for a dataset without personal data.
    init?(_ dataset: Dataset) {
        guard dataset.isPersonal else { return nil }
        let ofChildren = dataset.childTables.flatMap { child in
            [child.path, "\(child.path)[]"] + child.columns.map(\.field) + (child.dropped ?? [])
        }
        names = Set(dataset.allColumns.map(\.field) + (dataset.dropped ?? []) + ofChildren)
    }

    /// The same without anything of the record itself.
    func applied(to rejection: Rejection) -> Rejection {
        var rejection = rejection
        let refusal = applied(
            to: Refusal(rejection.reason, field: rejection.field, rejection.message))
        rejection.field = refusal.field
        rejection.message = refusal.message
        rejection.value = nil
        if !rejection.raw.isEmpty { rejection.raw = Self.raw }
        return rejection
    }

    /// The same without anything of a record or header.
    func applied(to refusal: Refusal) -> Refusal {
        var refusal = refusal
        let field = refusal.field.flatMap { names.contains($0) ? $0 : nil }
        // A field that nobody knows may be a value: a file without its header has such ones.
        let isStranger = field == nil && refusal.field != nil
        refusal.message = message(refusal.message, refusal.reason, isStranger: isStranger)
        refusal.field = field
        return refusal
    }

    /// What a program says of a statement, up to the first thing that it quotes.
    func applied(to words: String) -> String {
        String(words.prefix { !"'\"`".contains($0) }).trimmed
    }

    /// A value may hold backquotes itself: only what is quoted first is kept, where it is the
    /// field's name or a sign; all that follows is left out to the last backquote.
    private func message(
        _ text: String, _ reason: RejectReason, isStranger: Bool
    ) -> String {
        // What another program says may quote a record in any way.
        if reason == .unreadable { return String(text.prefix { $0 != ":" }) }
        let parts = text.split(separator: "`", omittingEmptySubsequences: false)
        guard parts.count > 1 else { return text }
        let isKept = !isStranger && isHarmless(parts[1])
        let first = isKept ? 3 : 1
        guard parts.count > first else { return text }
        let start = parts[..<first].joined(separator: "`")
        // An odd number of backquotes: nobody knows where the last value ends.
        let end = parts.count.isMultiple(of: 2) ? "" : parts[parts.count - 1]
        return "\(start)…\(end)"
    }

    private func isHarmless(_ quoted: Substring) -> Bool {
        names.contains(String(quoted)) || quoted == "{…}"
            || quoted.count == 1 && quoted.allSatisfy { "{}[],:".contains($0) }
    }
}
