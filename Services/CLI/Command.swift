/// One verb of `millrace`.
protocol Command: Sendable {
    /// One word, or two where verbs share a noun: `rejects list`.
    var name: String { get }
    /// One line for the list of verbs: what it does, without a full stop.
    var summary: String { get }
    /// What stands behind the options, in order.
    var positionals: [Positional] { get }
    /// Its own flags; `Option.common` comes with every verb.
    var options: [Option] { get }
    /// More for its `--help`: examples, rules. May be empty.
    var details: String { get }
    /// Under which headline the list of verbs shows it.
    var topic: Topic { get }

    /// Does it. What it throws is printed as an error.
    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode
}

/// The headlines of the list of verbs, in order.
enum Topic: String, CaseIterable, Sendable {
    case stack = "The local stack"
    case pipelines = "Pipelines"
    case data = "Data"
    case trouble = "When something went wrong"
    case people = "Who hears of it"
    case tool = "This tool"
}

extension Command {
    var positionals: [Positional] { [] }
    var options: [Option] { [] }
    var details: String { "" }

    /// Its own options and the common ones that it does not replace.
    var allOptions: [Option] {
        let own = Set(options.map(\.name))
        return options + Option.common.filter { !own.contains($0.name) }
    }

    /// The form of a call, made from the declarations.
    var usage: String {
        (["millrace", name] + positionals.map(\.spelling) + ["[options]"]).joined(separator: " ")
    }
}
