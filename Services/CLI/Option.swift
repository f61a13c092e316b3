/// A flag of a verb, declared once: parser, help and completion are made from it.
struct Option: Sendable {
    /// Without the dashes.
    let name: String
    /// What stands for the value in the help, e.g. `DIR`; nil for a switch.
    let value: String?
    let help: String
    /// The only values allowed; empty means any.
    let choices: [String]
    let isRepeatable: Bool
    let completion: Completion

    /// What a shell offers for the value.
    enum Completion: Sendable { case nothing, files, folders }

    /// A flag that is there or not.
    static func flag(_ name: String, _ help: String) -> Option {
        Option(
            name: name, value: nil, help: help, choices: [], isRepeatable: false,
            completion: .nothing)
    }

    /// A flag with a value: `--name VALUE` or `--name=VALUE`.
    static func value(
        _ name: String, _ value: String, _ help: String, isRepeatable: Bool = false,
        completion: Completion = .nothing
    ) -> Option {
        Option(
            name: name, value: value, help: help, choices: [], isRepeatable: isRepeatable,
            completion: completion)
    }

    /// A flag with one of a few values.
    static func choice(_ name: String, _ choices: [String], _ help: String) -> Option {
        Option(
            name: name, value: choices.joined(separator: "|"), help: help, choices: choices,
            isRepeatable: false, completion: .nothing)
    }

    /// How it is written in the help.
    var spelling: String { "--\(name)" + (value.map { " \($0)" } ?? "") }

    /// The flags that every verb has. A verb may declare one of the same name for itself.
    static let common: [Option] = [
        .value(
            "data", "DIR", "the local stack's folder; MILLRACE_DATA or .millrace by default",
            completion: .folders),
        .choice("format", OutputFormat.allCases.map(\.rawValue), "how to print; table by default"),
        .choice(
            "color", ColorChoice.allCases.map(\.rawValue), "colour; auto by default (or NO_COLOR)"),
        .flag("help", "this text"),
    ]
}

/// A word of a verb that stands without a flag.
struct Positional: Sendable {
    let name: String
    let isRequired: Bool
    let isRepeatable: Bool
    let completion: Option.Completion

    /// - Parameter name: Upper case, as the help shows it.
    init(
        _ name: String, isRequired: Bool = true, isRepeatable: Bool = false,
        completion: Option.Completion = .nothing
    ) {
        self.name = name
        self.isRequired = isRequired
        self.isRepeatable = isRepeatable
        self.completion = completion
    }

    var spelling: String {
        let many = isRepeatable ? name + "…" : name
        return isRequired ? many : "[\(many)]"
    }
}
