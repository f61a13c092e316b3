/// Makes the rule of a policy's JSON, or says what is wrong with it.
struct FilterCompiler {
    let scope: FilterPolicy.Scope
    /// The keys that there are; nil where any may be.
    let attributes: [String]?

    typealias Members = [(name: String, offset: Int, node: JSONNode)]

    func compile(_ document: JSONNode) throws(FilterMistake) -> FilterRule {
        guard case .object(let members) = document.value else {
            throw FilterMistake(
                "a policy is an object of keys with lists, such as {\"severity\": [\"critical\"]}",
                document.offset)
        }
        guard members.count <= FilterPolicy.keyLimit else {
            throw FilterMistake(
                "a policy has at most \(FilterPolicy.keyLimit) keys; this one has "
                    + "\(members.count): make two subscriptions", document.offset)
        }
        var combinations = 1
        let rule = try self.rule(
            members, at: "", document.offset, depth: 1, combinations: &combinations)
        guard combinations <= FilterPolicy.combinationLimit else {
            throw FilterMistake(
                "its values can be combined in \(combinations == .max ? "too" : "\(combinations)")"
                    + " many ways; \(FilterPolicy.combinationLimit) is the most: leave values out, "
                    + "or make two subscriptions", document.offset)
        }
        return rule
    }

    /// - Parameter depth: Of its keys, from 1.
    private func rule(
        _ members: Members, at place: String, _ offset: Int, depth: Int,
        combinations: inout Int
    ) throws(FilterMistake) -> FilterRule {
        guard !members.isEmpty else {
            throw FilterMistake(
                "an empty object asks for nothing: name a key, or leave it out", at: place,
                offset)
        }
        var rule = FilterRule()
        var seen: Set<[UInt8]> = []
        for member in members {
            let inner = place.isEmpty ? member.name : "\(place).\(member.name)"
            guard seen.insert(Array(member.name.utf8)).inserted else {
                throw FilterMistake(
                    "the key stands there twice: put the values into one list", at: inner,
                    member.offset)
            }
            if member.name == "$or" {
                rule.alternatives.append(
                    try alternatives(
                        member.node, at: inner, place, depth: depth, combinations: &combinations))
            } else {
                try check(key: member.name, at: inner, member.offset, depth: depth)
                let demand = try demand(
                    member.node, at: inner, depth: depth, combinations: &combinations)
                rule.fields.append(FilterRule.Field(key: member.name, demand: demand))
            }
        }
        return rule
    }

    private func check(
        key: String, at place: String, _ offset: Int, depth: Int
    ) throws(FilterMistake) {
        guard depth == 1, let attributes, !attributes.contains(key) else { return }
        throw FilterMistake(
            "no message has the attribute `\(key)`; there are "
                + "\(attributes.joined(separator: ", ")); what a message says is filtered with the "
                + "scope `body`", at: place, offset)
    }

    private func demand(
        _ node: JSONNode, at place: String, depth: Int, combinations: inout Int
    ) throws(FilterMistake) -> FilterRule.Demand {
        switch node.value {
        case .scalar:
            throw FilterMistake(
                "a key's value is a list, even of one: [\(Self.written(node.plain))]", at: place,
                node.offset)
        case .object(let members):
            guard scope == .body else {
                throw FilterMistake(
                    "attributes have no keys inside: write a list, or use the scope `body`",
                    at: place, node.offset)
            }
            return .object(
                try rule(
                    members, at: place, node.offset, depth: depth + 1,
                    combinations: &combinations))
        case .array(let elements):
            guard !elements.isEmpty else {
                throw FilterMistake(
                    "an empty list lets nothing through: name a value, or leave the key out",
                    at: place, node.offset)
            }
            let (product, isTooMuch) = combinations.multipliedReportingOverflow(
                by: elements.count * depth)
            combinations = isTooMuch ? .max : product
            var operators: [FilterOperator] = []
            for (index, element) in elements.enumerated() {
                operators.append(try FilterOperator(element, at: "\(place)[\(index)]"))
            }
            return .values(operators)
        }
    }

    private func alternatives(
        _ node: JSONNode, at place: String, _ parent: String, depth: Int, combinations: inout Int
    ) throws(FilterMistake) -> [FilterRule] {
        guard case .array(let elements) = node.value, elements.count > 1 else {
            throw FilterMistake(
                "`$or` takes a list of two objects or more: [{\"severity\": [\"critical\"]}, "
                    + "{\"topic\": [\"run_failed\"]}]", at: place, node.offset)
        }
        var rules: [FilterRule] = []
        var sum = 0
        for (index, element) in elements.enumerated() {
            let inner = "\(place)[\(index)]"
            guard case .object(let members) = element.value else {
                throw FilterMistake(
                    "an alternative of `$or` is an object of keys with lists", at: inner,
                    element.offset)
            }
            if let word = members.first(where: { FilterOperator.names.contains($0.name) }) {
                throw FilterMistake(
                    "`\(word.name)` is an operator, not a key: it stands in a key's list",
                    at: "\(inner).\(word.name)", word.offset)
            }
            var own = combinations
            rules.append(
                try rule(
                    members, at: inner, element.offset, depth: depth, combinations: &own))
            let (total, isTooMuch) = sum.addingReportingOverflow(own)
            sum = isTooMuch ? .max : total
        }
        combinations = sum
        return rules
    }

    private static func written(_ value: JSONValue) -> String {
        switch value {
        case .text(let text): "\"\(text)\""
        case .number(let number): "\(number)"
        case .boolean(let isTrue): "\(isTrue)"
        default: "null"
        }
    }
}
