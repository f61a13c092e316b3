public import Processes

/// Turns raw objects into typed rows, and typed rows into what a warehouse's COPY reads. The work
/// is done by a program of its own in a child process.
public protocol Engine: Sendable {
    /// Reads, casts, checks, filters and deduplicates the objects of a batch.
    ///
    /// What is wrong with records and objects is in the report, never an error. The outputs are
    /// written only when they have rows; running the same job again gives the same outputs.
    /// - Throws: `EngineError`; `CancellationError` after the engine was stopped.
    func transform(_ job: TransformJob) async throws -> TransformReport

    /// How to get the rows of a Parquet file that `transform` wrote, in the file's order.
    ///
    /// - Parameters:
    ///   - location: As the lake names it.
    ///   - columns: Which ones, in the order of the target's.
    ///   - optional: Those of them that the file may lack; they are null then.
    ///   - lists: Those of them that hold a child's elements, with the fields that are wanted: each
    ///     is a JSON array of arrays of texts and nulls.
    func export(
        _ location: String, columns: [String], optional: [String], lists: [String: [String]]
    ) throws -> Export

    /// Throws when the engine cannot be used now. For readiness.
    func check() async throws
}

/// A program that writes rows to its standard output, in a form that PostgreSQL's COPY reads.
public struct Export: Sendable {
    /// To be started with `ChildProcess.start`: its output is a pipe, to be handed to COPY.
    public var command: Command
    /// What stands between the parentheses of `COPY … FROM STDIN WITH (…)`.
    public var copyOptions: String

    public init(command: Command, copyOptions: String) {
        self.command = command
        self.copyOptions = copyOptions
    }
}
