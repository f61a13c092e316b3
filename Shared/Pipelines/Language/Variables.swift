import YAML

/// The values that `${name}` stands for in one reading of a folder.
struct Variables {
    /// One value, and where an instance sets it.
    struct Value {
        let scalar: YAMLScalar
        /// Nil where the file at hand sets it.
        let origin: Origin?
    }

    /// A place in an instance's file that fills places in the template.
    struct Origin {
        let file: String
        let word: Word
        let name: String
    }

    private(set) var values: [String: Value] = [:]

    var names: [String] { values.keys.sorted() }

    mutating func set(_ name: String, _ scalar: YAMLScalar, from origin: Origin? = nil) {
        values[name] = Value(scalar: scalar, origin: origin)
    }
}

/// Puts values in the place of `${name}`, in values of the YAML that has been read: what is filled
/// in can be no key, no list and no line of its own.
struct Filling {
    /// A text of more is no name or path.
    private static let limitBytes = 64 << 10

    let variables: Variables
    let reading: Reading
    private var findings: Findings { reading.findings }

    init(_ variables: Variables, _ reading: Reading) {
        self.variables = variables
        self.reading = reading
    }

    /// The node with its values filled in.
    ///
    /// - Parameter shape: What can stand there; nil behind keys that the language does not have.
    func filled(_ node: YAMLNode, _ shape: Shape?) -> YAMLNode {
        switch node.content {
        case .scalar(let scalar):
            guard shape?.takes(scalar) ?? (SecretRule.reference(scalar.text) == nil) else {
                return node
            }
            return YAMLNode(.scalar(filled(scalar, at: node.start)), start: node.start)
        case .sequence(let items):
            let shape = shape?.item
            return YAMLNode(.sequence(items.map { filled($0, shape) }), start: node.start)
        case .mapping(let entries):
            let filled = entries.map { entry in
                YAMLEntry(
                    key: entry.key, start: entry.start,
                    value: self.filled(entry.value, shape?.value(of: entry.key.text)))
            }
            return YAMLNode(.mapping(filled), start: node.start)
        }
    }

    /// The text with its values filled in. A `${name}` alone is as its value is, so that it may
    /// give a number or a boolean.
    func filled(_ scalar: YAMLScalar, at start: YAMLMark) -> YAMLScalar {
        guard scalar.text.contains("${") else { return scalar }
        guard let parts = parts(of: scalar, at: start) else {
            findings.silence(start)
            return scalar
        }
        if let origin = parts.lazy.compactMap(\.value?.origin).first {
            findings.lay(start, at: origin)
        }
        if parts.count == 1, let value = parts[0].value?.scalar {
            return YAMLScalar(value.text, isPlain: value.isPlain, written: scalar.text)
        }
        let text = parts.map(\.text).joined()
        guard text.utf8.count <= Self.limitBytes else {
            findings.report(
                .tooLarge, "the value has more than \(Self.limitBytes) bytes when it is filled in",
                at: Word(scalar, at: start))
            findings.silence(start)
            return scalar
        }
        return YAMLScalar(text, isPlain: false, written: scalar.text)
    }

    private struct Part {
        let text: String
        var value: Variables.Value?
    }

    /// The texts and values that a scalar is made of; nil after a mistake.
    private func parts(of scalar: YAMLScalar, at start: YAMLMark) -> [Part]? {
        var parts: [Part] = []
        var isRight = true
        var rest = scalar.text[...]
        while let open = rest.firstRange(of: "${") {
            let before = rest[..<open.lowerBound]
            if !before.isEmpty { parts.append(Part(text: String(before))) }
            rest = rest[open.upperBound...]
            if before.hasSuffix("$") {
                parts.append(Part(text: "{"))
                continue
            }
            guard let close = rest.firstIndex(of: "}") else {
                report(
                    .syntax, "`${` is not closed", "${", scalar, start,
                    fix: "write ${name}, or $${ for the text ${")
                return nil
            }
            let name = String(rest[..<close])
            rest = rest[rest.index(after: close)...]
            if let value = variables.values[name] {
                reading.usage.use(.variable, name)
                parts.append(Part(text: value.scalar.text, value: value))
            } else {
                isRight = false
                let names = variables.names
                report(
                    .unknownVariable, "nothing is called `\(name)`", "${\(name)}", scalar, start,
                    suggestion: Spelling.nearest(to: name, among: names),
                    fix: names.isEmpty
                        ? "write variables: {\(name): …}, or $${ for the text ${"
                        : "names there: \(names.joined(separator: ", "))")
            }
        }
        if !rest.isEmpty { parts.append(Part(text: String(rest))) }
        return isRight ? parts : nil
    }

    private func report(
        _ code: DiagnosticCode, _ message: String, _ text: String, _ scalar: YAMLScalar,
        _ start: YAMLMark, suggestion: String? = nil, fix: String
    ) {
        findings.report(
            code, message, at: findings.find(text, from: start) ?? Word(scalar, at: start),
            suggestion: suggestion, fix: fix)
    }
}

extension Shape {
    /// Whether values are filled in. SQL has parameters instead.
    fileprivate func takes(_ scalar: YAMLScalar) -> Bool {
        switch self {
        case .sql: SQLReader.isFile(scalar.text)
        case .literal, .secret: false
        case .setting, .settings: SecretRule.reference(scalar.text) == nil
        default: true
        }
    }

    /// The shape of a list's items.
    fileprivate var item: Shape? {
        switch self {
        case .list(let item), .oneOrMore(let item), .anyNumber(let item): item
        case .settings: self
        case .either(let shapes): shapes.lazy.compactMap(\.item).first
        default: nil
        }
    }

    /// The shape of what stands behind a key.
    fileprivate func value(of key: String) -> Shape? {
        switch self {
        case .keys(let keys): keys.all.first { $0.name == key }?.shape
        case .named(let shape), .texts(let shape): shape
        case .settings: self
        case .oneOrMore(let shape), .anyNumber(let shape): shape.value(of: key)
        case .either(let shapes): shapes.lazy.compactMap { $0.value(of: key) }.first
        default: nil
        }
    }
}
