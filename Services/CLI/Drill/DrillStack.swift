import Foundation
import Processes
import Stack

/// The stack that a drill is held on: the one that runs, or one of its own for as long as it lasts.
struct DrillStack: Sendable {
    let plan: DrillPlan
    let console: Console

    /// False where none runs yet.
    ///
    /// - Throws: `CommandError` when the stack that runs is not a private one as a whole.
    func isRunning() throws -> Bool {
        guard let state = try RunningStack(plan.folder).state() else { return false }
        try check(state)
        return true
    }

    /// Starts the drill's own.
    func start() async throws {
        console.progress("starting a stack")
        var environment = plan.arguments.environment
        // Its alerts may go to this host.
        environment["MILLRACE_WEBHOOK_ALLOW"] = "127.0.0.0/8"
        let program = ServerPrograms.ownFolder + "millrace"
        let result = try await Processes.run(
            Processes.Command(
                program, ["up", "--detach", "--data", plan.folder.path], environment: environment))
        console.endProgress()
        guard result.isSuccess else {
            throw CommandError(
                "the stack did not start:\n"
                    + String(decoding: result.errorOutput, as: UTF8.self),
                try: "millrace up\(plan.dataFlag)")
        }
    }

    /// Ends the drill's own.
    func stop() async throws {
        console.progress("stopping the stack")
        _ = try await RunningStack(plan.folder).stop()
        console.endProgress()
    }

    private func check(_ state: StackState) throws {
        let missing = StackPart.allCases.filter { part in
            guard let entry = state.parts[part.rawValue] else { return true }
            return entry.condition == .stopped
        }
        guard let part = missing.first else { return }
        throw CommandError(
            "the stack in \(plan.folder.path) has no \(part.rawValue) of its own; drills break "
                + "only what is private to a whole local stack",
            exit: .usage, try: "millrace drill \(plan.name) --data DIR")
    }
}
