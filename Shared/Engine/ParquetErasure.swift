public import Pipelines

/// Finds and takes out rows of Parquet files that hold certain values.
public struct ParquetErasure: Sendable {
    /// What a row is known by.
    public enum Sign: Sendable {
        /// All of these columns have these values; a value that is none of the column's type is
        /// nowhere.
        case values([(column: Column, value: String)])
        /// The text of this column holds all of these words, each with no letter or digit beside.
        case words(column: String, [String])
    }

    private let program: DuckDBProgram
    private let scratch: String

    /// - Parameter scratch: A folder of its own; the caller deletes it afterwards.
    public init(program: String, scratch: String) {
        self.program = DuckDBProgram(program: program, limits: EngineLimits())
        self.scratch = scratch
    }

    /// How many rows of each file are meant; files without any are left out.
    ///
    /// - Parameter paths: Of files with the same kind of rows.
    public func count(_ sign: Sign, in paths: [String]) async throws -> [String: Int] {
        guard !paths.isEmpty else { return [:] }
        let lines = try await run(
            """
            SELECT concat(count(*), ' ', file) FROM (\(rows(sign, of: paths)))
            WHERE \(condition(sign)) GROUP BY file;
            """)
        var counts: [String: Int] = [:]
        for line in lines {
            let parts = line.split(separator: " ", maxSplits: 1)
            guard parts.count == 2, let count = Int(parts[0]) else { continue }
            counts[String(parts[1])] = count
        }
        return counts
    }

    /// Writes a file without the rows that are meant.
    public func copy(_ path: String, without sign: Sign, to target: String) async throws {
        _ = try await run(
            """
            COPY (SELECT * EXCLUDE (file) FROM (\(rows(sign, of: [path])))
            WHERE NOT coalesce(\(condition(sign)), false)) TO \(DuckDBDialect.literal(target))
            (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 20480);
            """)
    }

    private func rows(_ sign: Sign, of paths: [String]) -> String {
        "SELECT * RENAME (filename AS file) FROM "
            + DuckDBDialect.parquet(paths, "filename = true", "union_by_name = true")
    }

    private func condition(_ sign: Sign) -> String {
        switch sign {
        case .values(let pairs):
            pairs.map { pair in
                let name = DuckDBDialect.identifier(pair.column.name)
                let value = DuckDBDialect.literal(pair.value)
                let type = DuckDBDialect.type(pair.column.type)
                return "CAST(\(name) AS VARCHAR) = "
                    + "CAST(TRY_CAST(\(value) AS \(type)) AS VARCHAR)"
            }.joined(separator: " AND ")
        case .words(let column, let words):
            words.map { word in
                let text = DuckDBDialect.literal(word)
                return "regexp_matches(\(DuckDBDialect.identifier(column)), "
                    + "'(^|[^\\p{L}\\p{N}])' || regexp_escape(\(text)) || '([^\\p{L}\\p{N}]|$)')"
            }.joined(separator: " AND ")
        }
    }

    /// The script is a file: what is looked for shall not stand in the list of processes.
    private func run(_ text: String) async throws -> [String] {
        let path = "\(scratch)/erase.sql"
        try DuckDBEngine.write("SET TimeZone = 'UTC';\nSET threads = 2;\n" + text, to: path)
        do {
            return try await program.run(path)
        } catch let failure as DuckDBProgram.Failure {
            throw EngineError(.crashed, "Parquet cannot be looked into: \(failure.message)")
        }
    }
}
