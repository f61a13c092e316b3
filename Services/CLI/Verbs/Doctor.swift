import Foundation
import Stack

/// Looks at everything that a stack stands on, and says how to put right what is wrong.
struct Doctor: Command {
    let name = "doctor"
    let summary = "look for what is wrong and say how to cure it"
    let topic = Topic.trouble
    let options: [Option] = [.flag("warn-error", "exit with 4 when there are warnings")]
    let details = "Exits with 1 when something fails. Looks at the servers only while they run."

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let folder = StackFolder(arguments.data)
        console.progress("looking at this host")
        var findings = await HostExamination(folder: folder).findings()
        findings += try await servers(arguments, folder, console)
        console.endProgress()
        show(findings, console)
        if findings.contains(where: { $0.verdict == .fail }) { return .failed }
        let hasWarnings = findings.contains { $0.verdict == .warn }
        return hasWarnings && arguments.flag("warn-error") ? .warned : .done
    }

    private func servers(
        _ arguments: Arguments, _ folder: StackFolder, _ console: Console
    ) async throws -> [Finding] {
        let context: StackContext
        do {
            context = try StackContext(arguments)
        } catch let error as CommandError {
            return [ports(folder), .ok("stack", error.message)]
        }
        console.progress("looking at the servers")
        return await StackExamination(context: context).findings()
    }

    /// While nothing runs, what takes one of the remembered ports is a stranger.
    private func ports(_ folder: StackFolder) -> Finding {
        do {
            let taken = try folder.rememberedPorts().filter { !Port.isFree($0.value) }
            guard !taken.isEmpty else { return .ok("ports", "none is taken") }
            let list = taken.map { "\($0.key) \($0.value)" }.sorted().joined(separator: ", ")
            return .warn(
                "ports", "taken by others: \(list)",
                fix: "nothing: the next `millrace up` takes other ports")
        } catch {
            return .warn("ports", "\(error)", fix: "rm \(folder.ports)")
        }
    }

    private func show(_ findings: [Finding], _ console: Console) {
        guard console.format == .table else {
            var table = Table("subject", "verdict", "message", "fix")
            for finding in findings {
                table.add([
                    Cell(finding.subject), Cell(finding.verdict.rawValue), Cell(finding.message),
                    Cell(finding.fix),
                ])
            }
            console.records(table)
            return
        }
        for finding in findings {
            let (glyph, style): (String, Style) =
                switch finding.verdict {
                case .ok: ("✓", .good)
                case .warn: ("!", .warned)
                case .fail: ("✗", .bad)
                }
            let word = "\(glyph) \(finding.verdict.rawValue)"
                .padding(toLength: 7, withPad: " ", startingAt: 0)
            let subject = finding.subject.padding(toLength: 12, withPad: " ", startingAt: 0)
            console.line("\(console.paint(word, style)) \(subject) \(Table.clean(finding.message))")
            if let fix = finding.fix { console.line("          fix: \(fix)") }
        }
    }
}
