/// Looks at a regular expression as PostgreSQL reads it ("advanced" ones), without the server.
struct PostgresRegex {
    /// Why it does not compile, in PostgreSQL's own words where it has some.
    struct Mistake: Error, Equatable {
        let message: String
    }

    private let text: [Unicode.Scalar]
    private var position = 0
    private var closedGroups = 0
    /// For each open parenthesis whether it counts for `\1`.
    private var groups: [Bool] = []
    /// What stands before the position can be repeated.
    private var isRepeatable = false

    private init(_ text: String) {
        self.text = Array(text.unicodeScalars)
    }

    /// - Throws: `Mistake` for the first thing that is wrong.
    static func check(_ text: String) throws(Mistake) {
        if text.hasPrefix("***=") { return }
        var reader = PostgresRegex(text)
        if text.hasPrefix("***:") { reader.position = 4 }
        try reader.skipOptions()
        while reader.position < reader.text.count { try reader.part() }
        if !reader.groups.isEmpty { throw Mistake(message: "parentheses () not balanced") }
    }

    private func at(_ offset: Int = 0) -> Unicode.Scalar? {
        position + offset < text.count ? text[position + offset] : nil
    }

    /// `(?i)` and its like, which may stand at the start only.
    private mutating func skipOptions() throws(Mistake) {
        guard at() == "(", at(1) == "?", let first = at(2), first.isLetter else { return }
        var end = position + 2
        while end < text.count, text[end] != ")" {
            guard "bceimnpqstwx".unicodeScalars.contains(text[end]) else {
                throw Mistake(message: "invalid embedded option")
            }
            end += 1
        }
        guard end < text.count else { throw Mistake(message: "invalid embedded option") }
        position = end + 1
    }

    private mutating func part() throws(Mistake) {
        let scalar = text[position]
        position += 1
        switch scalar {
        case "(": try openGroup()
        case ")": try closeGroup()
        case "[":
            var reader = PostgresBracket(text, from: position)
            position = try reader.end()
            isRepeatable = true
        case "*", "+", "?": try repetition()
        case "{" where at().map(\.isDigit) == true: try bounds()
        case "\\": try escape()
        case "|", "^", "$": isRepeatable = false
        default: isRepeatable = true
        }
    }

    private mutating func openGroup() throws(Mistake) {
        isRepeatable = false
        guard at() == "?" else { return groups.append(true) }
        switch (at(1), at(2)) {
        case (":", _), ("=", _), ("!", _): position += 2
        case ("<", "="), ("<", "!"): position += 3
        case ("#", _):
            while let scalar = at(), scalar != ")" { position += 1 }
            guard at() != nil else { throw Mistake(message: "parentheses () not balanced") }
            position += 1
            return
        default: throw Mistake(message: "quantifier operand invalid")
        }
        groups.append(false)
    }

    private mutating func closeGroup() throws(Mistake) {
        guard let counts = groups.popLast() else {
            throw Mistake(message: "parentheses () not balanced")
        }
        if counts { closedGroups += 1 }
        // What looks ahead or behind cannot be repeated, but does no harm to say so at the server.
        isRepeatable = true
    }

    private mutating func repetition() throws(Mistake) {
        guard isRepeatable else { throw Mistake(message: "quantifier operand invalid") }
        if at() == "?" { position += 1 }
        isRepeatable = false
    }

    private mutating func bounds() throws(Mistake) {
        let invalid = Mistake(message: "invalid repetition count(s)")
        let low = number()
        var high = low
        if at() == "," {
            position += 1
            high = at().map(\.isDigit) == true ? number() : nil
        }
        guard let end = at() else { throw Mistake(message: "braces {} not balanced") }
        guard end == "}", let low, low <= 255, high ?? low >= low, high ?? 0 <= 255 else {
            throw invalid
        }
        position += 1
        try repetition()
    }

    private mutating func number() -> Int? {
        var digits = ""
        while let scalar = at(), scalar.isDigit, digits.count < 6 {
            digits.unicodeScalars.append(scalar)
            position += 1
        }
        return Int(digits)
    }

    private mutating func escape() throws(Mistake) {
        guard let scalar = at() else { throw Mistake(message: "invalid escape \\ sequence") }
        position += 1
        isRepeatable = true
        switch scalar {
        case "A", "m", "M", "y", "Y", "Z": isRepeatable = false
        case "c": position += 1
        case "u": try hexadecimal(exactly: 4)
        case "U": try hexadecimal(exactly: 8)
        case "x": try hexadecimal(exactly: nil)
        case "1"..."9": try reference(scalar)
        default:
            let isKnown = "abBdDefnrsStvwW0".unicodeScalars.contains(scalar)
            guard isKnown || !(scalar.isLetter || scalar.isDigit) else {
                throw Mistake(message: "invalid escape \\ sequence")
            }
        }
        if position > text.count { throw Mistake(message: "invalid escape \\ sequence") }
    }

    private mutating func hexadecimal(exactly count: Int?) throws(Mistake) {
        var found = 0
        while found < count ?? 255, let scalar = at(), scalar.properties.isASCIIHexDigit {
            position += 1
            found += 1
        }
        if found == 0 || count.map({ found < $0 }) == true {
            throw Mistake(message: "invalid escape \\ sequence")
        }
    }

    /// `\12` is the twelfth group where there is one, and a character else.
    private mutating func reference(_ first: Unicode.Scalar) throws(Mistake) {
        let isSingle = at().map(\.isDigit) != true
        while at().map(\.isDigit) == true { position += 1 }
        if isSingle, Int(first.value) - 48 > closedGroups {
            throw Mistake(message: "invalid backreference number")
        }
    }
}

extension Unicode.Scalar {
    var isDigit: Bool { ("0"..."9").contains(self) }
    var isLetter: Bool { ("a"..."z").contains(self) || ("A"..."Z").contains(self) }
}
