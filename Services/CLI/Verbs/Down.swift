import Stack

/// Stops the local stack.
struct Down: Command {
    let name = "down"
    let summary = "stop the local stack; nothing is left running"
    let topic = Topic.stack

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let folder = StackFolder(arguments.data)
        console.progress("stopping \(folder.path)")
        let finding = try await RunningStack(folder).stop()
        console.endProgress()
        switch finding {
        case .stopped: console.note("stopped")
        case .cleared(let count):
            console.note("its supervisor had been killed; \(count) processes left were ended")
        case .nothing: console.note("nothing runs in \(folder.path)")
        }
        return .done
    }
}
