/// The keys of one mapping of the language, declared once: what its reader accepts, what messages
/// list and what the JSON Schema says come from here.
struct Keys: Sendable, ExpressibleByArrayLiteral {
    /// In the order in which messages list them.
    let all: [Key]

    init(_ all: [Key]) {
        self.all = all
    }

    init(arrayLiteral all: Key...) {
        self.all = all
    }

    var names: [String] { all.map(\.name) }

    func contains(_ name: String) -> Bool { all.contains { $0.name == name } }
}

/// One key: a new one is a line in its reader's table.
struct Key: Sendable {
    let name: String
    let shape: Shape
    /// What it says, in a sentence for the author's editor.
    let about: String
    /// A value as it may stand in YAML.
    let example: String?
    /// Whether the mapping is wrong without it.
    let isRequired: Bool

    init(
        _ name: String, _ shape: Shape, _ about: String, example: String? = nil,
        isRequired: Bool = false
    ) {
        self.name = name
        self.shape = shape
        self.about = about
        self.example = example
        self.isRequired = isRequired
    }
}

/// What can stand behind a key.
indirect enum Shape: Sendable {
    case text
    /// A name that an author chooses: lower-case letters, digits and `_`.
    case name
    /// One of these.
    case words([String])
    case boolean
    case integer(ClosedRange<Int>)
    /// `250ms`, `2s` or `1m`.
    case duration
    /// A text, number, boolean or time: another key decides how it is read.
    case value
    /// A text, number or boolean that stands for itself: its own reader fills in `${name}`.
    case literal
    /// `${secret:name}`: what stands there is given to a service, and is nowhere in the pipeline.
    case secret
    /// A text, number or boolean, or `${secret:name}`.
    case setting
    /// Whatever a program is told, at any depth; each text may be `${secret:name}`.
    case settings
    /// One SELECT, or the name of the file that holds it.
    case sql
    /// A text of this form, as a pattern.
    case pattern(String)
    /// A list of at least one.
    case list(Shape)
    /// A list, or its one item without brackets.
    case oneOrMore(Shape)
    /// A list that may be empty, or its one item without brackets.
    case anyNumber(Shape)
    /// A mapping with keys of the language.
    case keys(Keys)
    /// A mapping whose keys are names that the author chose.
    case named(Shape)
    /// A mapping whose keys are any texts.
    case texts(Shape)
    case either([Shape])

    /// One of the words of an enumeration.
    static func words<Choice: CaseIterable & RawRepresentable<String>>(of type: Choice.Type) -> Self
    {
        .words(Choice.allCases.map(\.rawValue))
    }
}
