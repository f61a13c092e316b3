import Engine
import Events
import Foundation
import Kit
import Pipelines
import Processes
import Testing

/// Runs jobs on the real engine and reads what they wrote.
struct Bench {
    static let program = ProcessInfo.processInfo.environment["MILLRACE_DUCKDB"]
    static let isReady = program != nil
    static let hasWarehouse =
        ProcessInfo.processInfo.environment["MILLRACE_TEST_WAREHOUSE_URL"] != nil

    let folder: String
    var engine = DuckDBEngine(program: Bench.program ?? "duckdb")

    /// What a job reported and wrote.
    struct Outcome {
        var report: TransformReport
        /// The processed rows as JSON texts, without `_object` and `_line`.
        var rows: [String]
        var rejects: [Reject]
        /// Where the rows are.
        var processed: String?

        /// `read/superseded/filtered/rejected` of all objects.
        var counts: String {
            let counts = report.counts
            return "\(counts.read)/\(counts.superseded)/\(counts.filtered)/\(counts.rejected)"
        }
    }

    struct Reject: Decodable, Equatable {
        var object: Int
        var line: Int?
        var column: String?
        var reason: String
        var message: String
        var raw: String
    }

    static func with<Value>(_ body: (Bench) async throws -> Value) async throws -> Value {
        try await withFolder { try await body(Bench(folder: $0)) }
    }

    /// Runs a job over texts, each an object of the given name.
    func run(_ dataset: Dataset, _ objects: [(name: String, text: String)]) async throws -> Outcome
    {
        try await run(dataset, files: objects.map { ($0.name, Data($0.text.utf8)) })
    }

    /// Runs a job over bytes, each an object of the given name.
    func run(_ dataset: Dataset, files: [(name: String, bytes: Data)]) async throws -> Outcome {
        let place = "\(folder)/\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: "\(place)/scratch", withIntermediateDirectories: true)
        var objects: [InputObject] = []
        for (index, file) in files.enumerated() {
            let path = "\(place)/\(index)-\(file.name)"
            try file.bytes.write(to: URL(fileURLWithPath: path))
            objects.append(InputObject(name: file.name, location: path))
        }
        let job = TransformJob(
            dataset: dataset, objects: objects, processed: "\(place)/processed.parquet",
            rejects: "\(place)/rejects.parquet", scratch: "\(place)/scratch")
        return try await outcome(of: job)
    }

    func outcome(of job: TransformJob) async throws -> Outcome {
        let report = try await engine.transform(job)
        let isThere = FileManager.default.fileExists(atPath:)
        #expect(isThere(job.processed) == report.hasRows)
        #expect(isThere(job.rejects) == report.hasRejects)
        for object in report.objects { #expect(object.counts.kept >= 0) }
        let order = "_object, _line"
        let rows =
            report.hasRows
            ? try await query(
                "SELECT to_json(r) FROM (SELECT * EXCLUDE (_object, _line) "
                    + "FROM read_parquet('\(job.processed)') ORDER BY \(order)) r") : ""
        let rejects =
            report.hasRejects
            ? try await query("SELECT to_json(r) FROM read_parquet('\(job.rejects)') r") : ""
        return Outcome(
            report: report, rows: rows.split(separator: "\n").map(String.init),
            rejects: try rejects.split(separator: "\n").map {
                try JSONDecoder().decode(Reject.self, from: Data($0.utf8))
            }, processed: report.hasRows ? job.processed : nil)
    }

    /// A file's bytes as gzip packs them.
    func packed(_ path: String) async throws -> Data {
        let result = try await Processes.run(Command("gzip", ["-kf", "--", path]))
        #expect(result.isSuccess, "\(result.errorText)")
        return try Data(contentsOf: URL(fileURLWithPath: "\(path).gz"))
    }

    /// The lines that DuckDB answers.
    func query(_ sql: String) async throws -> String {
        let result = try await Processes.run(
            Command(
                Bench.program ?? "duckdb",
                ["-no-init", "-no-stdin", "-noheader", "-list", "-c", "SET TimeZone='UTC';" + sql]))
        #expect(result.isSuccess, "\(result.errorText)")
        return result.text
    }
}

extension Dataset {
    /// A dataset for tests.
    static func of(
        _ columns: [Column], key: [String] = [], newestBy: String? = nil,
        contract: Contract = Contract(), transform: String? = nil,
        format: Format = .byName(CSVFormat()), mode: Load.Mode? = nil
    ) -> Dataset {
        Dataset(
            name: "things",
            source: .files(FilesSource(path: "in", patterns: ["*"], settleMilliseconds: 0)),
            format: format, columns: columns, contract: contract, transform: transform,
            load: Load(
                mode: mode ?? (key.isEmpty ? .append : .merge), key: key, newestBy: newestBy),
            checks: [])
    }
}

extension Column {
    /// A column for tests.
    static func of(_ name: String, _ type: ColumnType, isRequired: Bool = false) -> Column {
        Column(name: name, field: name, type: type, isRequired: isRequired)
    }
}
