import Glibc
import Lanes
import Processes

/// One run of DuckDB's command line over a script.
struct DuckDBProgram {
    let program: String
    let limits: EngineLimits

    /// Why a script ended before its end.
    struct Failure: Error {
        /// What it was about to do: the last word that it said.
        var phase: String
        /// DuckDB's own sentence.
        var message: String
    }

    /// Runs the script in a file.
    ///
    /// - Returns: The lines that it says.
    /// - Throws: `Failure` for an error of the script; `EngineError` for one of its surroundings.
    func run(_ script: String) async throws -> [String] {
        let result = try await start(["-f", script])
        let lines = result.text.split(separator: "\n").map(String.init)
        if result.isSuccess { return lines }
        guard result.ending != .killed(signal: SIGXFSZ) else {
            throw EngineError(.full, "`\(program)` may not write a file of the size that it needs")
        }
        guard case .exited = result.ending else {
            throw EngineError(
                .crashed, "`\(program)` ended by \(result.ending): \(result.errorText)")
        }
        let message = Self.sentence(result.errorText)
        if let error = Self.resources(message) { throw error }
        throw Failure(phase: lines.last ?? "", message: message)
    }

    /// - Throws: `EngineError` when the program does not run.
    func check() async throws {
        let result = try await start(["-c", "SELECT 1"])
        guard result.isSuccess else {
            throw EngineError(.missing, "`\(program)` does not work: \(result.errorText)")
        }
    }

    /// What an answer that failed comes to.
    static func fault(_ result: ProcessResult) -> EngineError {
        guard case .exited = result.ending else {
            return EngineError(.crashed, "the engine ended by \(result.ending)")
        }
        let message = sentence(result.errorText)
        if let error = resources(message) { return error }
        let isGone = message.contains("No such file") || message.contains("No files found")
        return EngineError(isGone ? .input : .statement, message)
    }

    /// The command that reads no settings of the user who runs it.
    func command(_ arguments: [String]) -> Command {
        Command(
            program,
            ["-no-init", "-no-stdin", "-batch", "-bail", "-noheader", "-list"] + arguments,
            timeLimit: limits.time, stopGrace: .seconds(1))
    }

    private func start(_ arguments: [String]) async throws -> ProcessResult {
        do {
            let result = try await Processes.run(command(arguments))
            guard !result.isOverTime else {
                throw EngineError(.time, "`\(program)` did not end within \(limits.time)")
            }
            return result
        } catch let error as ProcessError {
            throw EngineError(error.kind == .exhausted ? .resources : .missing, "\(error)")
        }
    }

    /// The error without the hints for people at a keyboard.
    private static func sentence(_ text: String) -> String {
        var lines: [Substring] = []
        for line in text.split(separator: "\n") {
            if line.hasPrefix("Possible ") || line.hasPrefix("LINE ") { break }
            lines.append(line)
        }
        return String(lines.joined(separator: " ").prefix(2_000))
    }

    private static func resources(_ message: String) -> EngineError? {
        // By default all room on the disk is DuckDB's to spill to.
        if EngineError.isOfFullDisk(message) || message.contains("max_temp_directory_size") {
            return EngineError(.full, message)
        }
        let signs = ["Out of Memory Error", "could not allocate"]
        guard signs.contains(where: message.contains) else { return nil }
        return EngineError(.resources, message)
    }
}
