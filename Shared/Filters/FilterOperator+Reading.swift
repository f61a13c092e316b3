import Outbound

extension FilterOperator {
    /// The words of operators, in the order in which messages name them.
    static let names = [
        "prefix", "suffix", "equals-ignore-case", "wildcard", "anything-but", "numeric", "exists",
        "cidr",
    ]

    /// Reads an element of a key's list.
    init(_ node: JSONNode, at place: String) throws(FilterMistake) {
        switch node.value {
        case .scalar(.number(let number)):
            self = .equals(.number(try number.checked(at: place, node.offset)))
        case .scalar(let value):
            self = .equals(value)
        case .array:
            throw FilterMistake(
                "a list stands inside of a list: the values of a key stand in one", at: place,
                node.offset)
        case .object(let members):
            guard let member = members.first, members.count == 1 else {
                throw FilterMistake(
                    "an operator is an object with one key, such as {\"prefix\": \"check_\"}",
                    at: place, node.offset)
            }
            self = try Self.read(
                member.name, member.node, at: "\(place).\(member.name)", member.offset)
        }
    }

    private static func read(
        _ name: String, _ node: JSONNode, at place: String, _ offset: Int
    ) throws(FilterMistake) -> FilterOperator {
        switch name {
        case "prefix", "suffix", "equals-ignore-case", "wildcard":
            return try textual(name, node, at: place)
        case "anything-but":
            return .anythingBut(try excluded(node, at: place))
        case "numeric":
            return .numeric(try comparisons(node, at: place))
        case "exists":
            guard case .scalar(.boolean(let isThere)) = node.value else {
                throw FilterMistake("`exists` takes true or false", at: place, node.offset)
            }
            return .exists(isThere)
        case "cidr":
            return .cidr(try network(node, at: place))
        default:
            throw FilterMistake(
                "`\(name)` is not an operator; there are \(names.joined(separator: ", "))",
                at: place, offset)
        }
    }

    private static func textual(
        _ name: String, _ node: JSONNode, at place: String
    ) throws(FilterMistake) -> FilterOperator {
        guard case .scalar(.text(let text)) = node.value else {
            throw FilterMistake(
                "`\(name)` takes a text in double quotes", at: place, node.offset)
        }
        switch name {
        case "prefix": return .prefix(text)
        case "suffix": return .suffix(text)
        case "wildcard":
            let (pattern, reason) = Wildcard.read(text)
            guard let pattern else { throw FilterMistake(reason, at: place, node.offset) }
            return .wildcard(pattern)
        default: return .equalsIgnoringCase(text)
        }
    }

    /// What `anything-but` leaves out: a value, a list of texts or of numbers, or one operator on
    /// texts with a text or a list of them.
    private static func excluded(
        _ node: JSONNode, at place: String
    ) throws(FilterMistake) -> [FilterOperator] {
        switch node.value {
        case .object(let members):
            let words = names.prefix(4)
            guard let member = members.first, members.count == 1, words.contains(member.name) else {
                throw FilterMistake(
                    "`anything-but` takes values, or one of \(words.joined(separator: ", "))",
                    at: place, node.offset)
            }
            let inner = "\(place).\(member.name)"
            var found: [FilterOperator] = []
            for (element, place) in try list(member.node, at: inner) {
                if case .scalar(.text("")) = element.value {
                    throw FilterMistake(
                        "an empty text leaves out everything or nothing: write some characters",
                        at: place, element.offset)
                }
                found.append(try textual(member.name, element, at: place))
            }
            return found
        default:
            var found: [FilterOperator] = []
            for (element, place) in try list(node, at: place) {
                switch element.value {
                case .scalar(.text), .scalar(.number):
                    found.append(try FilterOperator(element, at: place))
                default:
                    throw FilterMistake(
                        "`anything-but` takes texts or numbers", at: place, element.offset)
                }
            }
            let texts = found.count { if case .equals(.text) = $0 { true } else { false } }
            guard texts == 0 || texts == found.count else {
                throw FilterMistake(
                    "`anything-but` takes texts or numbers, not both: write it twice, with two "
                        + "keys", at: place, node.offset)
            }
            return found
        }
    }

    /// The elements of a list, or the one value that stands for such.
    private static func list(
        _ node: JSONNode, at place: String
    ) throws(FilterMistake) -> [(JSONNode, String)] {
        guard case .array(let elements) = node.value else { return [(node, place)] }
        guard !elements.isEmpty else {
            throw FilterMistake("the list is empty: name a value", at: place, node.offset)
        }
        return elements.enumerated().map { ($1, "\(place)[\($0)]") }
    }

    private static func network(
        _ node: JSONNode, at place: String
    ) throws(FilterMistake) -> Network {
        guard case .scalar(.text(let text)) = node.value, text.contains("/"),
            let network = Network(text)
        else {
            throw FilterMistake(
                "`cidr` takes a network such as \"10.0.0.0/8\", with no bits behind its prefix",
                at: place, node.offset)
        }
        return network
    }
}
