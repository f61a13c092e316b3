import Events
import Warehouse

/// Tells one run's story.
struct ShowRun: Command {
    let name = "show"
    let summary = "tell a run's story: counts, checks, latency"
    let topic = Topic.data
    let positionals = [Positional("RUN")]
    let details = """
        RUN is a run's id or its first letters. Exits with 3 when the run was refused by
        a check or all of it rejected, with 1 when it failed.
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let context = try StackContext(arguments)
        let warehouse = try context.warehouse()
        let run = try await RunLookup.find(arguments.positionals[0], in: warehouse, context)
        let story = try await RunStory(run, warehouse)
        if console.format == .table {
            console.text(
                RunPage(story, dataFlag: context.dataFlag, paint: { console.paint($0, $1) }).text)
        } else {
            console.line(String(decoding: try EventJSON.encode(story), as: UTF8.self))
        }
        switch run.state {
        case .refused: return .gateFailed
        case .failed: return .failed
        case .published where run.isRejected: return .gateFailed
        case .transformed, .staged, .approved, .published: return .done
        }
    }
}
