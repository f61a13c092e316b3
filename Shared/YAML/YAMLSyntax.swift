/// Words for libyaml's syntax errors: what it says is exact, and of little help to an author.
enum YAMLSyntax {
    /// - Parameters:
    ///   - opening: Where the thing began that libyaml was in the middle of.
    ///   - hasReference: Whether a `${name}` stands in that line.
    static func problem(
        _ text: String, character: Character?, at mark: YAMLMark, opening: YAMLMark,
        hasReference: Bool
    ) -> YAMLProblem {
        if hasReference, text.hasPrefix("did not find expected ',' or") {
            return YAMLProblem(
                .syntax, "a plain `${…}` cannot stand between `{ }` or `[ ]`",
                fix: "quote it: \"${name}\"", at: mark)
        }
        if character == "\t" {
            return YAMLProblem(.syntax, "a tab cannot indent", fix: "use blanks", at: mark)
        }
        if let character, text.hasPrefix("found character that cannot start") {
            return YAMLProblem(
                .syntax, "a plain text cannot start with `\(character)`",
                fix: "put the text in double quotes", at: mark)
        }
        guard let advice = known.first(where: { text.hasPrefix($0.start) }) else {
            return YAMLProblem(.syntax, text, at: mark)
        }
        return YAMLProblem(
            .syntax, advice.message, fix: advice.fix, at: advice.isAtOpening ? opening : mark)
    }

    private struct Advice {
        let start: String
        let message: String
        let fix: String
        var isAtOpening = false
    }

    private static let known: [Advice] = [
        Advice(
            start: "mapping values are not allowed", message: "a `:` is not expected here",
            fix: "check the indentation, or quote a text that holds a `: `"),
        Advice(
            start: "did not find expected key", message: "a key is expected here",
            fix: "align it with the keys above, or close the quote or bracket before it"),
        Advice(
            start: "could not find expected ':'", message: "the `:` behind a key is missing",
            fix: "write `key: value`"),
        Advice(
            start: "found unexpected end of stream", message: "a quote is not closed",
            fix: "close it", isAtOpening: true),
        Advice(
            start: "did not find expected ',' or '}'", message: "a `{` is not closed",
            fix: "put `,` between entries, `}` behind the last, and quotes around texts with them",
            isAtOpening: true),
        Advice(
            start: "did not find expected ',' or ']'", message: "a `[` is not closed",
            fix: "put `,` between values, `]` behind the last, and quotes around texts with them",
            isAtOpening: true),
        Advice(
            start: "did not find expected '-' indicator", message: "a list item is expected here",
            fix: "align the `-` with the ones above"),
        Advice(
            start: "did not find expected alphabetic or numeric",
            message: "a plain text cannot start with `*` or `&`",
            fix: "put the text in double quotes", isAtOpening: true),
        Advice(
            start: "found unknown escape character",
            message: "an unknown escape behind `\\` in double quotes",
            fix: "write two of them, or use single quotes"),
    ]
}
