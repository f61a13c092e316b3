import Events
import Foundation
import Lanes
import Pipelines
import Processes
import Telemetry

/// One run of a source's program, in a folder of its own and with no more of an environment than
/// it is given.
struct ProgramRun {
    let program: SourceProgram
    let rules: ProgramRules
    let log: Log

    /// Runs it to its end.
    ///
    /// - Parameters:
    ///   - arguments: More of them, made in the run's folder.
    ///   - hidden: Secrets that it gets beside its environment.
    ///   - take: Gets its output piece by piece, on a lane.
    /// - Throws: `PollFailure` for one that may not be run, failed, or was too slow; what `take`
    ///   throws, after the program has been ended.
    func run(
        arguments: (String) throws -> [String] = { _ in [] }, hiding hidden: [String] = [],
        into take: @escaping OutputPump.Take
    ) async throws {
        let path = try rules.path(of: program.run.first ?? "")
        var (environment, secrets) = try rules.environment(of: program)
        let folder = try makeFolder()
        defer { removeFolder(folder) }
        environment["HOME"] = folder
        environment["TMPDIR"] = folder
        let command = Command(
            path, program.run.dropFirst() + (try arguments(folder)), environment: environment,
            directory: folder, output: .pipe, timeLimit: .seconds(program.timeoutSeconds),
            stopGrace: rules.grace)
        secrets += hidden
        let result = try await Self.finish(try await start(command), take)
        guard !result.isOverTime else {
            let limit = "it did not end within \(program.timeoutSeconds) s"
            throw failure("timed_out", limit, result, secrets)
        }
        guard result.isSuccess else {
            throw failure("failed", "it ended with \(result.ending)", result, secrets)
        }
    }

    private func start(_ command: Command) async throws -> ChildProcess {
        do {
            return try await ChildProcess.start(command)
        } catch let error as ProcessError {
            throw PollFailure(
                error.kind == .unusable ? .permanent : .transient, "program.not_started",
                error.description)
        }
    }

    /// Reads its output and waits for it, at the same time.
    private static func finish(
        _ child: ChildProcess, _ take: @escaping OutputPump.Take
    ) async throws -> ProcessResult {
        let pump = OutputPump()
        guard let output = child.takeOutput() else { preconditionFailure("its output is a pipe") }
        return try await withThrowingTaskGroup(of: ProcessResult?.self) { group in
            group.addTask {
                // Also when it was stopped since the other one failed.
                defer { pump.programEnded() }
                return try await child.wait()
            }
            group.addTask {
                try await Lane("program").run { try pump.pump(output, into: take) }
                return nil
            }
            var result: ProcessResult?
            while let part = try await group.next() { result = part ?? result }
            guard let result else { throw CancellationError() }
            return result
        }
    }

    private func failure(
        _ kind: String, _ sentence: String, _ result: ProcessResult, _ secrets: [String]
    ) -> PollFailure {
        let words = SecretMask(secrets).lastWords(of: result.errorText)
        return PollFailure(
            .transient, "program.\(kind)", words.isEmpty ? sentence : "\(sentence): \(words)")
    }

    // MARK: Its folder

    private func makeFolder() throws -> String {
        let folder = "\(rules.work)/\(ULID())"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        return folder
    }

    /// What cannot be removed now goes at the next start.
    private func removeFolder(_ folder: String) {
        do {
            try FileManager.default.removeItem(atPath: folder)
        } catch {
            log.warning("folder of a program not removed", ["file.path": folder])
        }
    }
}
