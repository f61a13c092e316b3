import Outbound

/// One thing that a value may be asked for; a key's list holds several, of which one must hold.
indirect enum FilterOperator: Sendable, Hashable {
    /// The same text, number, boolean or null.
    case equals(JSONValue)
    case prefix(String)
    case suffix(String)
    case equalsIgnoringCase(String)
    case wildcard(Wildcard)
    /// None of these holds.
    case anythingBut([FilterOperator])
    /// All of these hold.
    case numeric([Comparison])
    case cidr(Network)
    /// The key has a value, or has none.
    case exists(Bool)

    /// A number's place on one side of another.
    struct Comparison: Sendable, Hashable {
        enum Sign: String, Sendable, CaseIterable {
            case equal = "="
            case less = "<"
            case lessOrEqual = "<="
            case greater = ">"
            case greaterOrEqual = ">="
        }

        var sign: Sign
        var number: FilterNumber

        func holds(_ other: FilterNumber) -> Bool {
            // A number beyond the limits is neither more nor less than any other.
            guard let left = other.units, let right = number.units else { return false }
            return switch sign {
            case .equal: left == right
            case .less: left < right
            case .lessOrEqual: left <= right
            case .greater: left > right
            case .greaterOrEqual: left >= right
            }
        }
    }

    /// True when a value that is there, and is no array or object, is what is asked for.
    func accepts(_ leaf: JSONValue) -> Bool {
        switch (self, leaf) {
        case (.equals(.text(let wanted)), .text(let text)): text.hasSameBytes(as: wanted)
        case (.equals(let wanted), _): leaf == wanted
        case (.anythingBut(let others), _): !others.contains { $0.accepts(leaf) }
        case (.exists(let isThere), _): isThere
        case (.prefix(let start), .text(let text)): text.utf8.starts(with: start.utf8)
        case (.suffix(let end), .text(let text)):
            text.utf8.reversed().starts(with: end.utf8.reversed())
        case (.equalsIgnoringCase(let wanted), .text(let text)):
            text.lowercased().hasSameBytes(as: wanted.lowercased())
        case (.wildcard(let pattern), .text(let text)): pattern.matches(text)
        case (.cidr(let network), .text(let text)):
            IPAddress(text).map(network.contains) ?? false
        case (.numeric(let comparisons), .number(let number)):
            comparisons.allSatisfy { $0.holds(number) }
        default: false
        }
    }
}

/// A pattern in which `*` stands for any characters, none included; `\*` is the character itself.
struct Wildcard: Sendable, Hashable {
    /// What stands between the asterisks; one more than there are of those.
    private let parts: [[UInt8]]

    /// - Parameter text: As in the policy.
    /// - Returns: Nil with a reason for what is no pattern.
    static func read(_ text: String) -> (pattern: Wildcard?, reason: String) {
        var parts: [[UInt8]] = [[]]
        var isEscaped = false
        var wasStar = false
        for byte in text.utf8 {
            let isStar = byte == UInt8(ascii: "*") && !isEscaped
            if isEscaped, byte != UInt8(ascii: "*"), byte != UInt8(ascii: "\\") {
                return (nil, "`\\` stands only before `*` and before another `\\`")
            }
            if isStar, wasStar { return (nil, "write one `*`, not several in a row") }
            if isStar {
                parts.append([])
            } else if isEscaped || byte != UInt8(ascii: "\\") {
                parts[parts.count - 1].append(byte)
                isEscaped = false
                wasStar = false
                continue
            } else {
                isEscaped = true
            }
            wasStar = isStar
        }
        if isEscaped { return (nil, "a `\\` at the end has nothing to stand before") }
        return (Wildcard(parts: parts), "")
    }

    /// In time that grows with the text's length times the pattern's, whatever they hold.
    func matches(_ text: String) -> Bool {
        var rest = Array(text.utf8)[...]
        guard let first = parts.first, let last = parts.last, rest.starts(with: first) else {
            return false
        }
        if parts.count == 1 { return rest.count == first.count }
        rest = rest.dropFirst(first.count)
        for part in parts.dropFirst().dropLast() {
            guard let found = Self.find(part, in: rest) else { return false }
            rest = rest[(found + part.count)...]
        }
        return rest.count >= last.count && rest.suffix(last.count).elementsEqual(last)
    }

    private static func find(_ part: [UInt8], in text: ArraySlice<UInt8>) -> Int? {
        guard text.count >= part.count else { return nil }
        return (text.startIndex...(text.endIndex - part.count)).first {
            text[$0..<($0 + part.count)].elementsEqual(part)
        }
    }
}
