/// Takes secrets out of what a program says.
struct SecretMask: Sendable {
    /// Longest first, so that none hides a part of another.
    private let secrets: [String]

    /// - Parameter secrets: The lines of longer ones are hidden as well.
    init(_ secrets: [String]) {
        let lines = secrets.flatMap { secret in
            secret.split(whereSeparator: \.isNewline).map(String.init).filter { $0.utf8.count >= 8 }
        }
        self.secrets = Set(secrets + lines).filter { !$0.isEmpty }
            .sorted { ($0.utf8.count, $0) > ($1.utf8.count, $1) }
    }

    func masked(_ text: String) -> String {
        secrets.reduce(text) { $0.replacing($1, with: "***") }
    }

    /// The end of what a program said, on one line.
    func lastWords(of text: String, limit: Int = 600) -> String {
        let words = masked(text).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return words.count > limit ? "…" + words.suffix(limit) : words
    }
}
