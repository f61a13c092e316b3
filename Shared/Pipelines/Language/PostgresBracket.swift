/// What stands between `[` and `]` in a regular expression of PostgreSQL.
struct PostgresBracket {
    private let text: [Unicode.Scalar]
    private var position: Int

    /// - Parameter position: Behind the `[`.
    init(_ text: [Unicode.Scalar], from position: Int) {
        self.text = text
        self.position = position
    }

    private static let classes = [
        "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct",
        "space", "upper", "xdigit", "word", "<", ">",
    ]
    private static let unbalanced = PostgresRegex.Mistake(message: "brackets [] not balanced")
    private static let badRange = PostgresRegex.Mistake(message: "invalid character range")

    /// Where it ends, behind the `]`.
    mutating func end() throws(PostgresRegex.Mistake) -> Int {
        if at() == "^" { position += 1 }
        var isFirst = true
        while let scalar = at() {
            if scalar == "]", !isFirst { return position + 1 }
            if scalar == "-", !isFirst, at(1) != "]" { throw Self.badRange }
            isFirst = false
            let start = try item()
            guard at() == "-", at(1) != "]", at(1) != nil else { continue }
            position += 1
            let last = try item()
            guard let start, let last, start <= last else { throw Self.badRange }
        }
        throw Self.unbalanced
    }

    private func at(_ offset: Int = 0) -> Unicode.Scalar? {
        position + offset < text.count ? text[position + offset] : nil
    }

    /// The character of one item; nil for a class, which can be no end of a range.
    private mutating func item() throws(PostgresRegex.Mistake) -> Unicode.Scalar? {
        let scalar = text[position]
        if scalar == "[", let kind = at(1), ":.=".unicodeScalars.contains(kind) {
            return try named(kind)
        }
        position += 1
        guard scalar == "\\" else { return scalar }
        guard let escaped = at() else { throw Self.unbalanced }
        position += 1
        if "dDsSwW".unicodeScalars.contains(escaped) { return nil }
        return try character(escaped)
    }

    /// `[:alpha:]`, `[.-.]`, `[=e=]`
    private mutating func named(
        _ kind: Unicode.Scalar
    ) throws(PostgresRegex.Mistake) -> Unicode.Scalar? {
        position += 2
        let start = position
        while let scalar = at(), !(scalar == kind && at(1) == "]") {
            position += 1
            if scalar == "]", kind == ":" { throw Self.unbalanced }
        }
        guard at() != nil else { throw Self.unbalanced }
        let name = text[start..<position]
        position += 2
        if kind == ":" {
            var word = ""
            word.unicodeScalars.append(contentsOf: name)
            guard Self.classes.contains(word) else {
                throw PostgresRegex.Mistake(message: "invalid character class")
            }
            return nil
        }
        return name.count == 1 ? name.first : nil
    }

    private mutating func character(
        _ escaped: Unicode.Scalar
    ) throws(PostgresRegex.Mistake) -> Unicode.Scalar? {
        switch escaped {
        case "x", "u", "U":
            var value: UInt32 = 0
            var count = 0
            let most = escaped == "u" ? 4 : 8
            while count < most, let scalar = at(), let digit = Character(scalar).hexDigitValue {
                value = value << 4 | UInt32(digit)
                position += 1
                count += 1
            }
            guard count == most || (escaped == "x" && count > 0) else { throw Self.badEscape }
            return Unicode.Scalar(value)
        case "c":
            guard at() != nil else { throw Self.badEscape }
            position += 1
            return nil
        default:
            let isKnown = "abBefnrtv0".unicodeScalars.contains(escaped)
            guard isKnown || !(escaped.isLetter || escaped.isDigit) else { throw Self.badEscape }
            let control: [Unicode.Scalar: Unicode.Scalar] = [
                "a": "\u{7}", "b": "\u{8}", "e": "\u{1B}", "f": "\u{C}", "n": "\n", "r": "\r",
                "t": "\t", "v": "\u{B}", "B": "\\", "0": "\0",
            ]
            return control[escaped] ?? escaped
        }
    }

    private static let badEscape = PostgresRegex.Mistake(message: "invalid escape \\ sequence")
}
