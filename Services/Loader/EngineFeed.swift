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
        _ key: String, columns: [String], optional: [String] = [],
        lists: [String: [String]] = [:], into connection: PostgresConnection,
        _ copy: (_ options: String) -> String
    ) async throws -> Int {
        try await export(key, columns, optional, lists) { options, pipe in
            try await connection.copyIn(copy(options), from: pipe)
        }
    }

    /// Copies like `copy`, but leaves out the rows that the server refuses, each on its own.
    ///
    /// - Parameter columns: The last is the place of a row's object in its batch.
    /// - Returns: The rows that are left out.
    func copyIsolating(
        _ key: String, columns: [String], lists: [String: [String]] = [:],
        of refused: RefusedRows, into connection: PostgresConnection,
        _ copy: (_ options: String) -> String
    ) async throws -> RefusedRows {
        try await export(key, columns + ["_line"], [], lists) { options, pipe in
            var refused = refused
            let stream = RowStream(pipe)
            while let chunk = try await stream.next() {
                try await RowIsolation.run(0..<chunk.count, connection) { rows in
                    _ = try await connection.copyIn(copy(options), chunk.bytes(of: rows))
                } place: { error, rows in
                    // The bytes are looked at before the lines are counted.
                    error.sqlState == "22021"
                        ? nil : error.line.flatMap { chunk.row(at: $0, of: rows) }
                } refuse: { row, error in
                    let values = try chunk.values(of: row, columns)
                    let object = values.last.flatMap { Int($0) } ?? 0
                    try refused.add(
                        RefusedRow(
                            object: object, line: chunk.sources[row], error: error, raw: values.json
                        ))
                }
            }
            return refused
        }
    }

    /// Runs the engine's program with `body` at the other end of its pipe.
    private func export<Value: Sendable>(
        _ key: String, _ columns: [String], _ optional: [String], _ lists: [String: [String]],
        _ body: (_ options: String, _ pipe: Int32) async throws -> Value
    ) async throws -> Value {
        let export = try engine.export(
            lake.location(of: key), columns: columns, optional: optional, lists: lists)
        let child = try await ChildProcess.start(export.command)
        guard let pipe = child.takeOutput() else {
            preconditionFailure("an export's output is a pipe")
        }
        let copied: Result<Value, any Error>
        do {
            copied = .success(try await body(export.copyOptions, pipe))
        } catch {
            copied = .failure(error)
        }
        let hadEnded = isWithoutWriter(pipe)
        // A child that still writes now meets a pipe without a reader, and ends.
        close(pipe)
        try check(try await end(child, copied), hadEnded: hadEnded, key)
        return try copied.get()
    }

    private func end<Value>(
        _ child: ChildProcess, _ copied: Result<Value, any Error>
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
