import Events
import Files
import Glibc
import Lanes
import Pipelines
import Processes

/// The engine for one machine: DuckDB's command line in a child process.
public struct DuckDBEngine: Engine {
    /// A path, or a name in `PATH`.
    public var program: String
    /// What one job may use.
    public var limits: EngineLimits
    /// The file with the key for columns that are `personal: hash`.
    public var personalKeyFile: String?
    private let fullness = Fullness()

    public init(
        program: String = "duckdb", limits: EngineLimits = EngineLimits(),
        personalKeyFile: String? = nil
    ) {
        self.program = program
        self.limits = limits
        self.personalKeyFile = personalKeyFile
    }

    public func transform(_ job: TransformJob) async throws -> TransformReport {
        do {
            return try await perform(job)
        } catch let error as EngineError where error.kind == .full {
            fullness.note()
            throw error
        }
    }

    private func perform(_ job: TransformJob) async throws -> TransformReport {
        var preparation = Preparation(job: job, limits: limits, program: duckdb)
        var plans = try await preparation.plans()
        var lines = try await read(preparation.job, &plans, preparation)
        while try await preparation.keepContract(try Oddities(lines), &plans) {
            // The program may write no file but these, also not beside one that is there.
            let written = [job.processed, "\(job.scratch)/\(DuckDBScript.rejectedName)"]
            try await Lane("engine").run { for path in written { try remove(path) } }
            lines = try await read(preparation.job, &plans, preparation)
        }
        var report = try DuckDBCounts(lines).report(plans, preparation.job.dataset)
        report.evolved = preparation.job.evolved(try Oddities(lines).types)
        if !report.hasRows { try await Lane("engine").run { try remove(job.processed) } }
        if report.hasRejects { try await writeRejects(plans, preparation) }
        return report
    }

    public func export(
        _ location: String, columns: [String], optional: [String] = [],
        lists: [String: [String]] = [:]
    ) throws -> Export {
        let names = columns.map { column in
            let name = DuckDBDialect.identifier(column)
            guard let fields = lists[column] else { return name }
            let texts = fields.map { "CAST(e.\(DuckDBDialect.identifier($0)) AS VARCHAR)" }
            return "to_json(list_transform(\(name), lambda e: [\(texts.joined(separator: ", "))]))"
        }.joined(separator: ", ")
        let missing = optional.map { "NULL::VARCHAR AS \(DuckDBDialect.identifier($0))" }
        let union =
            missing.isEmpty
            ? "" : " UNION ALL BY NAME SELECT \(missing.joined(separator: ", ")) WHERE false"
        let sql = """
            SET TimeZone = 'UTC';
            COPY (SELECT \(names) FROM (
            FROM \(DuckDBDialect.parquet([location]))\(union)))
            TO '/dev/stdout' (FORMAT csv, HEADER false, NULLSTR '\\N');
            """
        var command = duckdb.command(["-c", sql])
        command.output = .pipe
        return Export(command: command, copyOptions: "FORMAT csv, NULL '\\N', ENCODING 'UTF8'")
    }

    public func check() async throws {
        guard !fullness.isRecent else {
            throw EngineError(.full, "there was no room for a job a moment ago")
        }
        try await duckdb.check()
    }

    private var duckdb: DuckDBProgram { DuckDBProgram(program: program, limits: limits) }

    /// Runs the job's script until it takes every object or the object is refused: each round
    /// settles at least one object.
    private func read(
        _ job: TransformJob, _ plans: inout [ObjectPlan], _ preparation: Preparation
    ) async throws -> [String] {
        let keyFile = try PersonalKey.file(personalKeyFile, for: job.dataset)
        while plans.contains(where: { $0.refusal == nil }) {
            let script = DuckDBScript(job: job, plans: plans, limits: limits, keyFile: keyFile)
            do {
                return try await run(script.text, in: "\(job.scratch)/job.sql")
            } catch let failure as DuckDBProgram.Failure {
                let index = try failure.object(Redaction(job.dataset))
                for late in plans.indices where late >= index && plans[late].refusal == nil {
                    // Whoever broke one quote may have broken more: one more round for all.
                    guard late == index || plans[late].isPlainCSV else { continue }
                    plans[late] = try await preparation.repaired(
                        plans[late], after: failure.message)
                }
            }
        }
        return []
    }

    private func writeRejects(
        _ plans: [ObjectPlan], _ preparation: Preparation
    ) async throws {
        let job = preparation.job
        let script = DuckDBScript(job: job, plans: plans, limits: limits)
        let late = "\(job.scratch)/rejects.csv"
        let files = try await Lane("engine").run {
            var rejects = try RejectFile(late, of: job.dataset)
            if access(script.rejectedPath, F_OK) == 0 {
                try RejectSettlement(job: job, plans: plans)
                    .settle(script.rejectedPath, into: &rejects)
            }
            try rejects.flush()
            return plans.map { preparation.rejectsPath($0.index) }
                .filter { access($0, F_OK) == 0 } + [late]
        }
        do {
            _ = try await run(
                DuckDBRejects(files: files, target: job.rejects).text,
                in: "\(job.scratch)/rejects.sql")
        } catch let failure as DuckDBProgram.Failure {
            throw EngineError(.crashed, "the rejects cannot be written: \(failure.message)")
        }
    }

    private func run(_ text: String, in path: String) async throws -> [String] {
        try await Lane("engine").run { try Self.write(text, to: path) }
        return try await duckdb.run(path)
    }

    /// Writes a script.
    static func write(_ text: String, to path: String) throws(EngineError) {
        try OutputFile(path).write(Array(text.utf8)[...])
    }
}

extension DuckDBProgram.Failure {
    /// The object whose reading failed.
    ///
    /// - Throws: `EngineError` when it was not the reading.
    fileprivate func object(_ redaction: Redaction?) throws(EngineError) -> Int {
        let message = redaction?.applied(to: self.message) ?? self.message
        let words = phase.split(separator: " ")
        if words.first == "reading", let index = words.last.flatMap({ Int($0) }) { return index }
        if phase == "selecting" {
            throw EngineError(.statement, "the dataset's own SELECT fails: \(message)")
        }
        if phase.isEmpty { throw EngineError(.missing, "the program takes no job: \(message)") }
        throw EngineError(.crashed, "the job failed while \(phase): \(message)")
    }
}

private func remove(_ path: String) throws(EngineError) {
    guard unlink(path) == 0 || errno == ENOENT else { throw EngineError(writing: path, errno) }
}
