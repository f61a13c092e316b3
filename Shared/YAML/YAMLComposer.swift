/// Builds nodes from events and notes what is refused.
struct YAMLComposer: ~Copyable {
    private let events: YAMLEventStream
    private let limits: YAMLLimits
    private var nodes = 0
    private(set) var problems: [YAMLProblem] = []

    init(_ events: consuming YAMLEventStream, limits: YAMLLimits) {
        self.events = events
        self.limits = limits
    }

    /// The one document of the text; nil when the text holds none.
    mutating func document() throws(YAMLProblem) -> YAMLNode? {
        var root: YAMLNode?
        var count = 0
        while true {
            let event = try events.next()
            switch event.kind {
            case .end: return root
            case .other: continue
            case .documentStart:
                count += 1
                guard count == 1 else {
                    throw YAMLProblem(
                        .refused, "a second document", fix: "keep one document in a file",
                        at: event.mark)
                }
            default: root = try node(event, depth: 1)
            }
        }
    }

    private mutating func node(
        _ event: YAMLEventStream.Event, depth: Int
    ) throws(YAMLProblem) -> YAMLNode {
        if let refusal = event.refusal { throw refused(refusal, at: event.mark) }
        nodes += 1
        guard nodes <= limits.nodes, depth <= limits.depth else {
            throw YAMLProblem(
                .tooLarge,
                nodes > limits.nodes
                    ? "more than \(limits.nodes) values"
                    : "values nested over \(limits.depth) deep",
                at: event.mark)
        }
        switch event.kind {
        case .sequenceStart:
            return YAMLNode(.sequence(try sequence(depth: depth + 1)), start: event.mark)
        case .mappingStart:
            return YAMLNode(.mapping(try mapping(depth: depth + 1)), start: event.mark)
        case .scalar(let scalar):
            return YAMLNode(.scalar(scalar), start: event.mark)
        default:
            preconditionFailure("libyaml ends no collection that it did not start")
        }
    }

    private mutating func sequence(depth: Int) throws(YAMLProblem) -> [YAMLNode] {
        var items: [YAMLNode] = []
        while true {
            let event = try events.next()
            if case .sequenceEnd = event.kind { return items }
            items.append(try node(event, depth: depth))
        }
    }

    private mutating func mapping(depth: Int) throws(YAMLProblem) -> [YAMLEntry] {
        var entries: [YAMLEntry] = []
        var first: [String: YAMLMark] = [:]
        while true {
            let event = try events.next()
            if case .mappingEnd = event.kind { return entries }
            let key = try key(event)
            let value = try node(try events.next(), depth: depth)
            if let trap = key.keyTrap { problems.append(ambiguous(key, trap, at: event.mark)) }
            if let mark = first[key.text] {
                problems.append(duplicate(key, of: mark, at: event.mark))
            } else {
                first[key.text] = event.mark
                entries.append(YAMLEntry(key: key, start: event.mark, value: value))
            }
        }
    }

    private func key(_ event: YAMLEventStream.Event) throws(YAMLProblem) -> YAMLScalar {
        if let refusal = event.refusal { throw refused(refusal, at: event.mark) }
        guard case .scalar(let scalar) = event.kind else {
            throw YAMLProblem(
                .refused, "a key that is not a text",
                fix: "quote it, if `{` or `[` belongs to the text", at: event.mark)
        }
        return scalar
    }

    private func duplicate(
        _ key: YAMLScalar, of first: YAMLMark, at mark: YAMLMark
    ) -> YAMLProblem {
        YAMLProblem(
            .duplicateKey, "key `\(key.text)` is there already, in line \(first.line)",
            fix: "keep one of them", at: mark, length: key.text.count)
    }

    private func ambiguous(_ key: YAMLScalar, _ trap: String, at mark: YAMLMark) -> YAMLProblem {
        YAMLProblem(
            .ambiguousKey, "\(trap), and a key is a text",
            fix: key.text == "<<" ? "write the keys out" : "quote it: \"\(key.text)\"", at: mark,
            length: key.text.count)
    }

    private func refused(_ what: String, at mark: YAMLMark) -> YAMLProblem {
        YAMLProblem(
            .refused, "\(what) is not accepted here",
            fix: "write the value out; quote a text that starts with `*`, `&` or `!`", at: mark)
    }
}
