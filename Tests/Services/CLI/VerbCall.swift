import Synchronization

@testable import millrace

/// Calls a verb in this process and keeps what it says.
struct VerbCall {
    let code: ExitCode
    let output: String
    let errors: String

    /// A `CommandError` counts as what the command line makes of it.
    init(
        _ command: any Command, _ words: [String], environment: [String: String] = [:]
    ) async throws {
        let said = Mutex<(output: String, errors: String)>(("", ""))
        let arguments = try Arguments(words, of: command, environment: environment)
        let console = Console(arguments, environment: environment) { stream, text in
            said.withLock { said in
                switch stream {
                case .output: said.output += text
                case .errors: said.errors += text
                }
            }
        }
        do {
            code = try await command.run(arguments, console)
        } catch let error as CommandError {
            console.note(error.message)
            code = error.exit
        }
        (output, errors) = said.withLock { $0 }
    }
}
