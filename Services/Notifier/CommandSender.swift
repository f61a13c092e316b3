import Foundation
import Processes

/// Tells a subscriber by running a program of the operator's, which gets the webhook's body as its
/// standard input. Exit code 0 means that it was told, 75 (EX_TEMPFAIL) that the same may work
/// later.
struct CommandSender: Sendable {
    /// The folder whose programs may be run; nil for none.
    let folder: String?
    var timeout = Duration.seconds(15)

    /// Runs it once and says how that ended.
    func send(_ delivery: Delivery, to program: String, _ form: WebhookBody.Form) async throws
        -> AttemptEnd
    {
        if let reason = refusal(of: program) {
            return AttemptEnd(.refused(reason: reason, code: nil))
        }
        let input = FileManager.default.temporaryDirectory
            .appending(path: "millrace-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: input) }
        let body = try WebhookBody(delivery.alert).encoded(form)
        let isWritten = FileManager.default.createFile(
            atPath: input.path, contents: body, attributes: [.posixPermissions: 0o600])
        guard isWritten else {
            return AttemptEnd(
                .postponed(reason: "`\(input.path)` cannot be written", code: nil, pause: nil))
        }
        do {
            let result = try await Processes.run(command(program, input.path, delivery))
            let words = result.output.isEmpty ? result.errorText : result.text
            return AttemptEnd(Self.outcome(of: result), answer: words)
        } catch let error as ProcessError {
            return AttemptEnd(
                error.kind == .exhausted
                    ? .postponed(reason: error.description, code: nil, pause: nil)
                    : .refused(reason: error.description, code: nil))
        }
    }

    /// Whoever may write subscriptions shall not thereby run whatever there is on this host.
    private func refusal(of program: String) -> String? {
        guard let folder else {
            return "no programs are run: set MILLRACE_COMMAND_ALLOW to the folder with yours"
        }
        let inside = URL(filePath: folder).resolvingSymlinksInPath().path
        let parent = URL(filePath: program).resolvingSymlinksInPath().deletingLastPathComponent()
        return parent.path == inside ? nil : "`\(program)` is not in \(folder) (`command-allow`)"
    }

    /// The notifier's own environment holds its passwords: nothing of it is passed on.
    private func command(_ program: String, _ input: String, _ delivery: Delivery) -> Command {
        Command(
            program,
            environment: [
                "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8",
                "MILLRACE_DELIVERY": delivery.id, "MILLRACE_SUBSCRIPTION": delivery.subscription,
                "MILLRACE_ATTEMPT": "\(delivery.attempts)",
            ],
            directory: "/", input: .file(input),
            output: .capture(.first, limitBytes: AttemptEnd.answerBytes),
            errorOutput: .capture(.last, limitBytes: AttemptEnd.answerBytes),
            timeLimit: timeout)
    }

    private static func outcome(of result: ProcessResult) -> DeliveryOutcome {
        if result.isOverTime {
            return .postponed(reason: "the program took too long", code: nil, pause: nil)
        }
        let reason = "the program ended with \(result.ending)"
        switch result.ending {
        case .exited(0): return .sent(code: 0)
        case .exited(75): return .postponed(reason: reason, code: 75, pause: nil)
        case .exited(let code): return .refused(reason: reason, code: Int(code))
        case .killed: return .postponed(reason: reason, code: nil, pause: nil)
        }
    }
}
