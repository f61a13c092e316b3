import Postgres
import Warehouse

/// Finds the one run that a person means.
enum RunLookup {
    /// - Parameter prefix: The first letters of its id, in any case.
    /// - Throws: `CommandError` when there is none, or more than one.
    static func find(
        _ prefix: String, in warehouse: PostgresPool, _ context: StackContext
    ) async throws -> Run {
        let runs = try await Runs(warehouse).find(prefix: prefix)
        guard let run = runs.first else {
            throw CommandError(
                "no run's id begins with `\(prefix)`", try: "millrace runs\(context.dataFlag)")
        }
        guard runs.count == 1 else {
            let ids = runs.map { "  \($0.batch)  \($0.pipeline).\($0.dataset)" }
            throw CommandError(
                "several runs begin with `\(prefix)`:\n\(ids.joined(separator: "\n"))",
                exit: .usage, try: "millrace show \(run.batch)\(context.dataFlag)")
        }
        return run
    }
}
