/// What an object is asked for: every field, and one alternative of every `$or`.
struct FilterRule: Sendable, Hashable {
    /// What is asked for of the value of one key.
    indirect enum Demand: Sendable, Hashable {
        /// One of them holds for one of the values.
        case values([FilterOperator])
        /// The value is an object, or an array with an object, that keeps the rule.
        case object(FilterRule)
    }

    struct Field: Sendable, Hashable {
        var key: String
        var demand: Demand
    }

    var fields: [Field] = []
    var alternatives: [[FilterRule]] = []

    /// True when `value` keeps the rule.
    ///
    /// Of an array one element alone must keep it: fields of different elements are not put
    /// together.
    /// - Parameters:
    ///   - value: Nil where there is none.
    ///   - path: The keys that lead to it in `message`.
    func accepts(_ value: JSONValue?, at path: [String] = [], in message: JSONValue) -> Bool {
        if case .array(let elements) = value, !elements.isEmpty {
            return elements.contains { accepts($0, at: path, in: message) }
        }
        return fields.allSatisfy { accepts($0, of: value, at: path + [$0.key], in: message) }
            && alternatives.allSatisfy { rules in
                rules.contains { $0.accepts(value, at: path, in: message) }
            }
    }

    private func accepts(
        _ field: Field, of value: JSONValue?, at path: [String], in message: JSONValue
    ) -> Bool {
        let value = value?[field.key]
        switch field.demand {
        case .object(let rule):
            return rule.accepts(value, at: path, in: message)
        case .values(let operators):
            let leaves = value?.leaves ?? []
            return operators.contains { wanted in
                // Absent is what no element of an array has, not only this one.
                if wanted == .exists(false) { return !message.hasLeaf(at: path) }
                return leaves.contains(where: wanted.accepts)
            }
        }
    }
}
