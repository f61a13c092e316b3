import Engine
import Events
import Glibc
import Lake
import Postgres
import Processes

/// The way of rows from a Parquet file in the lake into a table: the engine's program writes them
/// to a pipe, COPY reads the pipe. No row passes through this process's memory but as bytes.
struct EngineFeed: Sendable {
    let engine: any Engine
    let lake: any ObjectStore

    /// Copies columns of the object `key`, with the statement that `copy` makes of COPY's options.
    ///
    /// - Returns: The number of rows.
    /// - Throws: A transient error when the engine's program failed; what COPY says otherwise. The
    ///   caller rolls back: the table may have a part of the rows.
    func copy(
        _ key: String, columns: [String], into connection: PostgresConnection,
        _ copy: (_ options: String) -> String
    ) async throws -> Int {
        let export = try engine.export(lake.location(of: key), columns: columns)
        let child = try await ChildProcess.start(export.command)
        guard let pipe = child.takeOutput() else {
            preconditionFailure("an export's output is a pipe")
        }
        let copied: Result<Int, any Error>
        do {
            copied = .success(
                try await connection.copyIn(copy(export.copyOptions), from: pipe))
        } catch {
            copied = .failure(error)
        }
        let hadEnded = isWithoutWriter(pipe)
        // A child that still writes now meets a pipe without a reader, and ends.
        close(pipe)
        try check(await end(child, copied), hadEnded: hadEnded, key)
        return try copied.get()
    }

    private func end(
        _ child: ChildProcess, _ copied: Result<Int, any Error>
    ) async throws -> ProcessResult {
        if case .failure = copied { return await child.stop() }
        return try await child.wait()
    }

    /// True when the child ended by itself, or was ended, and not because nobody reads any more.
    private func isWithoutWriter(_ pipe: Int32) -> Bool {
        var entry = pollfd(fd: pipe, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 0) > 0 && Int32(entry.revents) & Int32(POLLHUP) != 0
    }

    /// The engine's own failure comes before COPY's, which may be its consequence: half a row. One
    /// that was killed between two rows says nothing, and COPY finds nothing wrong.
    private func check(_ result: ProcessResult, hadEnded: Bool, _ key: String) throws {
        let complaint = result.errorText.split(separator: "\n").first.map(String.init)
        guard !result.isSuccess, complaint != nil || hadEnded else { return }
        throw HandlingError(
            .transient, "engine.export",
            "the engine could not read \(key): \(complaint ?? "\(result.ending)")")
    }
}
