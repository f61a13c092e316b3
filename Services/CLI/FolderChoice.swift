import Pipelines

/// What a verb reads a pipeline's folder for: its environment and variables.
enum FolderChoice {
    static let options: [Option] = [
        .value("env", "NAME", "one of the folder's environments; or MILLRACE_ENV"),
        .value("set", "NAME=VALUE", "what a variable is", isRepeatable: true),
    ]

    static func read(_ arguments: Arguments) throws(CommandError) -> PipelineFolder.Choice {
        var choice = PipelineFolder.Choice(
            environment: arguments.value("env") ?? arguments.environment["MILLRACE_ENV"])
        for word in arguments.values("set") {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw CommandError("--set is `\(word)`; it must be NAME=VALUE", exit: .usage)
            }
            choice.variables[String(parts[0])] = String(parts[1])
        }
        return choice
    }
}
