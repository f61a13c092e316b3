import Glibc
import Lanes
import Pipelines
import Processes

/// What is done with the objects of a job before the engine's program reads them: a look at each,
/// unpacking, and a record file where the program's own reader is not to be trusted.
struct Preparation {
    let job: TransformJob
    let limits: EngineLimits
    let program: DuckDBProgram
    let lane = Lane("engine")

    /// How each object is to be read.
    func plans() async throws -> [ObjectPlan] {
        var plans: [ObjectPlan] = []
        for (index, object) in job.objects.enumerated() {
            plans.append(try await plan(index, object))
        }
        return plans
    }

    /// Makes a record file of a CSV object that the program did not take, or refuses an object
    /// that it did not take even so.
    func repaired(_ plan: ObjectPlan, after message: String) async throws -> ObjectPlan {
        var plan = plan
        guard case .csv(let csv, let header) = plan.reading else {
            return try await refused(
                plan.index, plan.object, plan.path,
                Refusal(.unreadable, "the object cannot be read: \(message)"))
        }
        plan = try await lane.run { [plan] in
            try MappedFile.read(plan.path) { try repaired(plan, csv, header, $0) }
        }
        return plan
    }

    /// The file of the rejects that are found before the program reads the object.
    func rejectsPath(_ index: Int) -> String { "\(job.scratch)/rejects-\(index).csv" }

    private func plan(_ index: Int, _ object: InputObject) async throws -> ObjectPlan {
        var path = object.location
        do {
            if let words = object.refusal { throw Refusal(.unreadable, words) }
            path = try await transcoded(index, object, try await unpacked(index, object))
            switch Inspection(dataset: job.dataset, object: object).format {
            case .parquet: return try await parquet(index, object, path)
            case .csv(let format), .byName(let format):
                return try await lane.run { [path] in
                    try MappedFile.read(path) { try csv(index, object, path, format, $0) }
                }
            case .jsonLines, .json:
                return try await lane.run { [path] in
                    try MappedFile.read(path) { try json(index, object, path, $0) }
                }
            }
        } catch let refusal as Refusal {
            return try await refused(index, object, path, refusal)
        }
    }

    private func csv(
        _ index: Int, _ object: InputObject, _ path: String, _ csv: CSVFormat,
        _ bytes: UnsafeRawBufferPointer
    ) throws -> ObjectPlan {
        let inspection = Inspection(dataset: job.dataset, object: object)
        let (header, isFirst) = try inspection.header(bytes, csv)
        let plan = ObjectPlan(
            index: index, object: object, path: path, reading: .csv(csv, header),
            marks: NumberMarks(csv))
        // Only our own scanner knows JSON well enough to vouch for a cell of it, and DuckDB
        // takes a blank first line for the header.
        let isPlain = isFirst && !job.dataset.columns.contains { $0.type == .json }
        return isPlain ? plan : try repaired(plan, csv, header, bytes)
    }

    private func json(
        _ index: Int, _ object: InputObject, _ path: String, _ bytes: UnsafeRawBufferPointer
    ) throws -> ObjectPlan {
        let start = try Inspection.textStart(of: bytes)
        let inspection = Inspection(dataset: job.dataset, object: object)
        let plan = ObjectPlan(index: index, object: object, path: path, reading: .prepared(path))
        return try prepared(plan) { records, rejects in
            guard case .json(let format) = inspection.format(of: bytes, from: start) else {
                var reader = JSONLinesReader(job.dataset)
                return try reader.read(
                    bytes, from: start, object: index, into: &records, &rejects)
            }
            var reader = JSONDocumentReader(
                job.dataset, format, bytes, from: start, object: index)
            try reader.read(into: &records, &rejects)
        }
    }

    private func repaired(
        _ plan: ObjectPlan, _ csv: CSVFormat, _ header: CSVHeader, _ bytes: UnsafeRawBufferPointer
    ) throws -> ObjectPlan {
        try prepared(plan) { records, rejects in
            let repair = CSVRepair(dataset: job.dataset, header: header, object: plan.index)
            let start = try Inspection.textStart(of: bytes)
            try repair.read(CSVScanner(bytes, csv, from: start), into: &records, &rejects)
        }
    }

    /// Gives a plan the record file and the rejects that `body` writes.
    func prepared(
        _ plan: ObjectPlan, _ body: (inout RecordFile, inout RejectFile) throws -> Void
    ) throws -> ObjectPlan {
        let path = "\(job.scratch)/records-\(plan.index).csv"
        var records = try RecordFile(path)
        var rejects = try RejectFile(rejectsPath(plan.index), of: job.dataset)
        try body(&records, &rejects)
        try records.flush()
        try rejects.flush()
        var plan = plan
        plan.rejectedEarly = rejects.count
        plan.reading = .prepared(path)
        return plan
    }

    private func refused(
        _ index: Int, _ object: InputObject, _ path: String, _ refusal: Refusal
    ) async throws -> ObjectPlan {
        let refusal = Redaction(job.dataset)?.applied(to: refusal) ?? refusal
        return try await lane.run {
            var rejects = try RejectFile(rejectsPath(index), of: job.dataset)
            try rejects.add(
                Rejection(
                    object: index, line: nil, field: refusal.field, reason: refusal.reason,
                    message: refusal.message, raw: ""))
            try rejects.flush()
            return ObjectPlan(
                index: index, object: object, path: path, reading: .refused(refusal),
                rejectedEarly: 1)
        }
    }

    /// The path of an object's unpacked bytes: its own where it is not packed.
    func unpacked(_ index: Int, _ object: InputObject) async throws -> String {
        guard object.location.hasPrefix("/") else {
            throw EngineError(.input, "`\(object.location)` is not on this host")
        }
        let packing = try await packing(object.location)
        if packing == .none { return object.location }
        let path = "\(job.scratch)/unpacked-\(index)"
        let result = try await run(unpack(packing, object.location, to: path))
        if result.isOverTime {
            throw EngineError(.time, "unpacking did not end within \(limits.time)")
        }
        // It grew beyond the limit.
        guard result.ending != .killed(signal: SIGXFSZ) else {
            throw Refusal(
                .unreadable, "the object unpacks to more than \(limits.unpackedMegabytes) MiB")
        }
        // The host's trouble and not the object's: a full disk, or a limit of this process.
        let isOwn = result.errorText.contains("prlimit:")
        guard !isOwn, result.isSuccess || !EngineError.isOfFullDisk(result.errorText) else {
            throw EngineError(.full, "cannot unpack to `\(path)`: \(result.errorText.trimmed)")
        }
        // gzip's exit code 2 is a warning that data was left.
        guard result.isSuccess else {
            let words = result.errorText.replacing(object.location, with: "").trimmed
            throw Refusal(.unreadable, "the object cannot be unpacked: \(words)")
        }
        guard try await self.packing(path) == .none else {
            throw Refusal(.unreadable, "the object is packed more than once")
        }
        return path
    }

    /// The object as UTF-8, where its format says that it is something else.
    private func transcoded(
        _ index: Int, _ object: InputObject, _ path: String
    ) async throws -> String {
        switch Inspection(dataset: job.dataset, object: object).format {
        case .csv(let csv), .byName(let csv):
            guard let encoding = csv.encoding else { return path }
            let target = "\(job.scratch)/text-\(index)"
            let limit = limits.unpackedMegabytes << 20
            try await lane.run {
                try MappedFile.read(path) {
                    try Transcoding(encoding: encoding, limitBytes: limit).run($0, to: target)
                }
            }
            return target
        case .json, .jsonLines, .parquet: return path
        }
    }

    private func packing(_ path: String) async throws -> Inspection.Packing {
        try await lane.run { try MappedFile.read(path) { try Inspection.packing(of: $0) } }
    }

    private func unpack(
        _ packing: Inspection.Packing, _ source: String, to path: String
    ) -> Command {
        let program = packing == .gzip ? "gzip" : "zstd"
        let limit = limits.unpackedMegabytes << 20
        return Command(
            "prlimit", ["--fsize=\(limit)", "--core=0", program, "-dc", "--", source],
            output: .file(path), timeLimit: limits.time)
    }
}
