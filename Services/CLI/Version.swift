/// Says which version this is.
struct Version: Command {
    /// The version of everything that is built with it.
    static let current = "0.1.0"

    let name = "version"
    let summary = "say which version this is"
    let topic = Topic.tool

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        console.text("millrace \(Self.current)\n")
        return .done
    }
}
