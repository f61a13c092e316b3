import Foundation
import Lanes
import Pipelines
import Processes

/// A question that the engine's program answers in a child process. It sees the files that it is
/// given and nothing else of this host, writes none, and knows nothing of this process's settings.
public struct FileQuestion: Sendable {
    /// An answer as texts; nil is null.
    public struct Answer: Sendable, Equatable {
        public let columns: [String]
        public let rows: [[String?]]
    }

    private let duckdb: DuckDBProgram
    private let files: [String]
    private let views: [String]

    /// Longer answers are refused.
    public static let limitBytes = 64 << 20

    /// - Parameters:
    ///   - files: Absolute paths.
    ///   - views: Statements that make what the question may name.
    public init(program: String, limits: EngineLimits, files: [String], views: [String]) {
        self.init(
            duckdb: DuckDBProgram(program: program, limits: limits), files: files, views: views)
    }

    init(duckdb: DuckDBProgram, files: [String], views: [String] = []) {
        self.duckdb = duckdb
        self.files = files
        self.views = views
    }

    /// The rows that one SELECT gives.
    ///
    /// - Throws: `EngineError`: `statement` with the program's own words for a wrong question,
    ///   `input` for a file that has gone meanwhile.
    public func rows(of select: String) async throws -> Answer {
        let target = "/dev/stdout"
        let text = try await answer(
            to: """
                COPY (
                \(select)
                ) TO '\(target)' (FORMAT csv, HEADER true, NULLSTR '\\N', FORCE_QUOTE *);
                """, ["-list", "-noheader"], writing: [target])
        var bytes = Array(text.utf8)
        return try bytes.withUnsafeMutableBytes { try Self.table(UnsafeRawBufferPointer($0)) }
    }

    /// The same as JSON: one object on each line, in brackets.
    public func json(of select: String) async throws -> String {
        try await answer(to: "\(select);", ["-json"])
    }

    private static func table(_ bytes: UnsafeRawBufferPointer) throws -> Answer {
        var scanner = CSVScanner(bytes, CSVFormat(), from: 0)
        var lines: [[String?]] = []
        while let record = scanner.next() {
            if let fault = record.fault { throw EngineError(.crashed, fault.message) }
            lines.append(
                scanner.fields.map { field in
                    let text = String(decoding: scanner.value(field), as: UTF8.self)
                    return text == "\\N" && !field.isQuoted ? nil : text
                })
        }
        let columns = lines.first?.compactMap(\.self) ?? []
        return Answer(columns: columns, rows: Array(lines.dropFirst()))
    }

    private func answer(
        to sql: String, _ form: [String], writing targets: [String] = []
    ) async throws -> String {
        let script = ([settings] + views + [locks(targets), sql]).joined(separator: "\n")
        let path = FileManager.default.temporaryDirectory
            .appending(path: "millrace-question-\(UUID()).sql").path
        guard
            FileManager.default.createFile(
                atPath: path, contents: Data(script.utf8), attributes: [.posixPermissions: 0o600])
        else { throw EngineError(.full, "cannot write `\(path)`") }
        let answer: Result<String, any Error>
        do {
            answer = .success(try await run(form + ["-f", path]))
        } catch {
            answer = .failure(error)
        }
        try FileManager.default.removeItem(atPath: path)
        return try answer.get()
    }

    private func run(_ arguments: [String]) async throws -> String {
        var command = duckdb.command(arguments)
        command.output = .capture(.first, limitBytes: Self.limitBytes)
        command.environment = ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? ""]
        let result: ProcessResult
        do {
            result = try await Processes.run(command)
        } catch let error as ProcessError {
            throw EngineError(.missing, "\(error)")
        }
        if result.isOverTime {
            throw EngineError(.time, "there was no answer within \(duckdb.limits.time)")
        }
        guard result.isSuccess else { throw DuckDBProgram.fault(result) }
        guard !result.isOutputCut else {
            throw EngineError(
                .statement, "the answer is longer than \(Self.limitBytes >> 20) MiB; ask for less")
        }
        return result.text
    }

    private var settings: String {
        """
        SET TimeZone = 'UTC';
        SET threads = \(duckdb.limits.threads);
        SET memory_limit = '\(duckdb.limits.memoryMegabytes)MiB';
        SET autoinstall_known_extensions = false;
        SET autoload_known_extensions = false;
        """
    }

    /// Behind the views: what makes them is ours, what follows is somebody's.
    private func locks(_ targets: [String]) -> String {
        """
        SET temp_directory = '';
        SET allowed_paths = [\(DuckDBDialect.literals(files + targets))];
        SET enable_external_access = false;
        SET lock_configuration = true;
        """
    }
}
