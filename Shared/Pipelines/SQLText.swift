/// A piece of SQL text, seen only as closely as templates need: what is code, what is quoted, what
/// is a comment.
struct SQLText: Sendable {
    enum Kind: Sendable, Equatable { case code, quoted, comment }

    /// A run of one kind. Together the pieces are the whole text.
    struct Piece: Sendable {
        let kind: Kind
        let text: Substring
        /// False when the text ends before the quote or comment does.
        let isClosed: Bool
    }

    let pieces: [Piece]

    init(_ text: String) {
        var scanner = SQLScanner(text)
        pieces = scanner.pieces()
    }

    /// How many statements the text holds: runs of code with something in them between semicolons.
    var statementCount: Int {
        var count = 0
        var isInside = false
        for piece in pieces where piece.kind != .comment {
            guard piece.kind == .code else {
                count += isInside ? 0 : 1
                isInside = true
                continue
            }
            for character in piece.text where !character.isWhitespace {
                let isEnd = character == ";"
                if !isEnd && !isInside { count += 1 }
                isInside = !isEnd
            }
        }
        return count
    }

    /// The first word of code, in lower case.
    var firstWord: String {
        let code = pieces.first {
            $0.kind == .code && $0.text.contains { !$0.isWhitespace && $0 != "(" }
        }
        let start = code?.text.drop { $0.isWhitespace || $0 == "(" } ?? ""
        return start.prefix { $0.isLetter }.lowercased()
    }

    /// Where the second statement starts; nil when there is one or none.
    var secondStatement: Range<String.Index>? {
        var hasEnded = false
        var hasStarted = false
        for piece in pieces where piece.kind != .comment {
            for index in piece.text.indices {
                let character = piece.text[index]
                let isEnd = piece.kind == .code && character == ";"
                if isEnd {
                    hasEnded = hasStarted
                } else if piece.kind == .quoted || !character.isWhitespace {
                    if hasEnded { return index..<piece.text.endIndex }
                    hasStarted = true
                }
            }
        }
        return nil
    }

    /// The text up to its last character of SQL: no semicolon, comment or blank behind it, so that
    /// it can stand in brackets.
    var trimmed: String {
        var end: String.Index?
        for piece in pieces where piece.kind != .comment {
            let last = piece.text.lastIndex {
                piece.kind == .quoted || !($0.isWhitespace || $0 == ";")
            }
            if let last { end = piece.text.index(after: last) }
        }
        guard let end, let first = pieces.first else { return "" }
        return String(first.text.base[first.text.startIndex..<end])
    }
}
