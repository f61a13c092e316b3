import Events
import Foundation
import Pipelines
import Processes

/// Which programs sources may run on this host, and what surrounds them.
///
/// The right to apply a pipeline is none to run anything: the ingest's owner names the folders.
struct ProgramRules: Sendable {
    /// Folders with programs that sources may run; none by default.
    var folders: [String] = []
    /// Where each run has a folder of its own while it lasts.
    var work: String
    var secrets = PipelineSecrets()
    /// How long a program has from SIGTERM to SIGKILL.
    var grace = Duration.seconds(5)

    /// The path of a program that may be run.
    func path(of program: String) throws -> String {
        if program.hasPrefix("/") {
            guard folders.contains(where: { program.hasPrefix($0 + "/") }) else {
                throw refusal("program `\(program)` is not in a folder that sources may use")
            }
            return program
        }
        for folder in folders {
            let path = "\(folder)/\(program)"
            if FileManager.default.isExecutableFile(atPath: path) { return path }
        }
        throw refusal("there is no program `\(program)` in the folders that sources may use")
    }

    /// All of a program's environment but its own folder.
    ///
    /// - Returns: The variables, and those values of them that are secret.
    func environment(
        of program: SourceProgram
    ) throws -> (variables: [String: String], secrets: [String]) {
        var variables = [
            "PATH": (folders + ["/usr/local/bin", "/usr/bin", "/bin"]).joined(separator: ":"),
            "LANG": "C.UTF-8",
        ]
        var hidden: [String] = []
        for (name, value) in program.environment {
            switch value {
            case .secret(let reference):
                let secret = try secrets.value(of: reference)
                variables[name] = secret
                hidden.append(secret)
            case .text(let text), .number(let text): variables[name] = text
            case .boolean(let value): variables[name] = String(value)
            case .null, .list, .mapping: break
            }
        }
        return (variables, hidden)
    }

    private func refusal(_ sentence: String) -> PollFailure {
        let now = folders.isEmpty ? "none is named" : folders.joined(separator: ", ")
        return PollFailure(
            .permanent, "program.not_allowed",
            "\(sentence) (MILLRACE_SOURCE_PROGRAMS of the ingest: \(now))")
    }
}
