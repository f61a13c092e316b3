import YAML

/// As much of JSON Schema as the language's own schema uses.
struct SchemaChecker {
    typealias Schema = [String: Any]

    /// What is wrong with a value, each with its path; empty when it fits.
    static func problems(_ node: YAMLNode, _ schema: Schema, at path: String = "") -> [String] {
        if let choices = schema["anyOf"] as? [Schema] {
            let all = choices.map { problems(node, $0, at: path) }
            // The furthest way in is the one that was meant.
            return all.contains([]) ? [] : all.max { $0.joined().count < $1.joined().count } ?? []
        }
        if let words = schema["enum"] as? [String] {
            return words.contains(text(node) ?? "") ? [] : ["\(path): none of \(words)"]
        }
        guard
            let types = (schema["type"] as? [String]) ?? (schema["type"] as? String).map({ [$0] }),
            types.contains(where: kinds(of: node).contains)
        else { return ["\(path): \(kinds(of: node)) is not \(schema["type"] ?? "known")"] }
        switch node.content {
        case .scalar(let scalar): return scalarProblems(scalar.text, schema, path)
        case .sequence(let items):
            let least = schema["minItems"] as? Int ?? 0
            return (items.count < least ? ["\(path): \(items.count) items"] : [])
                + items.flatMap { problems($0, schema["items"] as? Schema ?? [:], at: "\(path)[]") }
        case .mapping(let entries): return mappingProblems(entries, schema, path)
        }
    }

    private static func scalarProblems(_ text: String, _ schema: Schema, _ path: String) -> [String]
    {
        var problems: [String] = []
        if let pattern = schema["pattern"] as? String, let regex = try? Regex(pattern),
            text.firstMatch(of: regex) == nil
        {
            problems.append("\(path): `\(text)` is not \(pattern)")
        }
        if let least = schema["minimum"] as? Int, let number = Int(text), number < least {
            problems.append("\(path): \(number) is less than \(least)")
        }
        if let most = schema["maximum"] as? Int, let number = Int(text), number > most {
            problems.append("\(path): \(number) is more than \(most)")
        }
        return problems
    }

    private static func mappingProblems(
        _ entries: [YAMLEntry], _ schema: Schema, _ path: String
    ) -> [String] {
        let known = schema["properties"] as? [String: Schema] ?? [:]
        let names = entries.map(\.key.text)
        var problems = (schema["required"] as? [String] ?? [])
            .filter { !names.contains($0) }.map { "\(path): `\($0)` is missing" }
        if names.count < schema["minProperties"] as? Int ?? 0 { problems.append("\(path): empty") }
        for entry in entries {
            let inner = "\(path)/\(entry.key.text)"
            if let names = schema["propertyNames"] as? Schema {
                problems += scalarProblems(entry.key.text, names, inner)
            }
            if let schema = known[entry.key.text] ?? schema["additionalProperties"] as? Schema {
                problems += Self.problems(entry.value, schema, at: inner)
            } else {
                problems.append("\(inner): unknown")
            }
        }
        return problems
    }

    private static func text(_ node: YAMLNode) -> String? {
        if case .scalar(let scalar) = node.content { return scalar.text }
        return nil
    }

    private static func kinds(of node: YAMLNode) -> [String] {
        switch node.content {
        case .mapping: return ["object"]
        case .sequence: return ["array"]
        case .scalar(let scalar):
            guard scalar.isPlain else { return ["string"] }
            if scalar.isNull { return ["null"] }
            if ["true", "false"].contains(scalar.text) { return ["boolean"] }
            if Int(scalar.text) != nil { return ["integer", "number"] }
            return Double(scalar.text) != nil ? ["number"] : ["string"]
        }
    }
}
