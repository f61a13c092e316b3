import Foundation
public import Pipelines

/// Why a script ended before its end.
public struct ScriptFailure: Error, CustomStringConvertible {
    /// The last line that it said.
    public let phase: String
    /// The engine's own sentence.
    public let description: String
}

extension DuckDBEngine {
    /// Runs SQL of one's own in a database of its own, and gives the lines that it says.
    ///
    /// - Parameter path: Where the script is written to.
    /// - Throws: `ScriptFailure` for an error of the script; `EngineError` for one of its
    ///   surroundings.
    public func run(script: String, at path: String) async throws -> [String] {
        let settings = """
            SET TimeZone = 'UTC';
            SET threads = \(limits.threads);
            SET memory_limit = '\(limits.memoryMegabytes)MiB';
            SET autoinstall_known_extensions = false;

            """
        try Data((settings + script).utf8).write(to: URL(filePath: path))
        do {
            return try await DuckDBProgram(program: program, limits: limits).run(path)
        } catch let failure as DuckDBProgram.Failure {
            throw ScriptFailure(phase: failure.phase, description: failure.message)
        }
    }

    /// A type as the engine calls it.
    public static func typeName(_ type: ColumnType) -> String { DuckDBDialect.type(type) }

    /// The type of the column that holds a child's elements.
    public static func typeName(of child: Child) -> String { DuckDBChildren.type(of: child) }
}
