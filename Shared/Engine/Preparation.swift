import Glibc
import Lanes
import Pipelines
import Processes

/// What is done with the objects of a job before the engine's program reads them: a look at each,
/// unpacking, and a record file where the program's own reader is not to be trusted.
struct Preparation {
    /// With the columns that the objects bring along, once they were looked at.
    var job: TransformJob
    let limits: EngineLimits
    let program: DuckDBProgram
    let lane = Lane("engine")

    /// How each object is to be read.
    mutating func plans() async throws -> [ObjectPlan] {
        var sources: [ObjectSource] = []
        for (index, object) in job.objects.enumerated() {
            let source = try await source(index, object)
            sources.append(source)
            guard job.dataset.contract.newColumns == .evolve, source.refusal == nil else {
                continue
            }
            job.add(try await strangers(index, source), of: index)
        }
        var plans: [ObjectPlan] = []
        for (index, source) in sources.enumerated() {
            plans.append(try await plan(index, source))
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

    private func source(_ index: Int, _ object: InputObject) async throws -> ObjectSource {
        var source = ObjectSource(path: object.location)
        do {
            if let words = object.refusal { throw Refusal(.unreadable, words) }
            let unpacked = try await unpacked(index, object)
            source.endsEarly = unpacked.endsEarly
            source.path = try await transcoded(index, object, unpacked.path)
        } catch let refusal as Refusal {
            source.refusal = refusal
        }
        return source
    }

    private func plan(_ index: Int, _ source: ObjectSource) async throws -> ObjectPlan {
        let (object, path) = (job.objects[index], source.path)
        do {
            if let refusal = source.refusal { throw refusal }
            var plan: ObjectPlan
            let format = Inspection(job: job, object: object).format
            if !job.dataset.childTables.isEmpty { try checkChildren(format) }
            switch format {
            case .parquet: plan = try await parquet(index, object, path)
            case .csv(let format), .byName(let format):
                plan = try await lane.run {
                    try MappedFile.read(path) { try csv(index, object, source, format, $0) }
                }
            case .jsonLines, .json:
                plan = try await lane.run {
                    try MappedFile.read(path) { try json(index, object, path, $0) }
                }
            }
            if job.dataset.columns.isEmpty {
                throw Refusal(.unreadable, "the object has no fields to take columns from")
            }
            if source.endsEarly { plan.notes.append("ends early; its whole records go on") }
            return plan
        } catch let refusal as Refusal {
            return try await refused(index, object, path, refusal)
        }
    }

    /// Only JSON has arrays in its records.
    private func checkChildren(_ format: Format) throws(Refusal) {
        switch format {
        case .json, .jsonLines: return
        case .csv, .byName, .parquet:
            throw Refusal(
                .unreadable,
                "the dataset has child tables, which only JSON brings; deliver JSON, or set "
                    + "`format`")
        }
    }

    private func csv(
        _ index: Int, _ object: InputObject, _ source: ObjectSource, _ csv: CSVFormat,
        _ bytes: UnsafeRawBufferPointer
    ) throws -> ObjectPlan {
        let inspection = Inspection(job: job, object: object)
        let (header, isFirst) = try inspection.header(bytes, csv)
        let plan = ObjectPlan(
            index: index, object: object, path: source.path, reading: .csv(csv, header),
            marks: NumberMarks(csv), notes: header.notes)
        // Only our own scanner knows JSON well enough to vouch for a cell of it, and DuckDB
        // takes a blank first line for the header.
        let isPlain =
            isFirst && !source.endsEarly && header.forbidden.isEmpty
            && !job.dataset.columns.contains { $0.type == .json }
        return isPlain
            ? plan : try repaired(plan, csv, header, bytes, endsEarly: source.endsEarly)
    }

    private func json(
        _ index: Int, _ object: InputObject, _ path: String, _ bytes: UnsafeRawBufferPointer
    ) throws -> ObjectPlan {
        let plan = ObjectPlan(index: index, object: object, path: path, reading: .prepared(path))
        return try prepared(plan) { try job.readJSON(bytes, of: index, into: &$0, &$1) }
    }

    private func repaired(
        _ plan: ObjectPlan, _ csv: CSVFormat, _ header: CSVHeader, _ bytes: UnsafeRawBufferPointer,
        endsEarly: Bool = false
    ) throws -> ObjectPlan {
        try prepared(plan) { records, rejects in
            let repair = CSVRepair(
                job: job, header: header, object: plan.index, endsEarly: endsEarly)
            let start = try Inspection.textStart(of: bytes)
            try repair.read(CSVScanner(bytes, csv, from: start), into: &records, &rejects)
            return nil
        }
    }

    /// Gives a plan the record file and the rejects that `body` writes.
    ///
    /// - Parameter body: Gives the fields that no column takes, where that is not known yet.
    func prepared(
        _ plan: ObjectPlan, _ body: (inout RecordFile, inout RejectFile) throws -> Strangers?
    ) throws -> ObjectPlan {
        let path = "\(job.scratch)/records-\(plan.index).csv"
        var records = try RecordFile(path)
        var rejects = try RejectFile(rejectsPath(plan.index), of: job.dataset)
        let strangers = try body(&records, &rejects)
        if let refusal = strangers?.refusal { throw refusal }
        try records.flush()
        try rejects.flush()
        var plan = plan
        plan.notes += [strangers?.note].compactMap(\.self)
        plan.rejectedEarly = rejects.count
        plan.reading = .prepared(path)
        return plan
    }

    func refused(
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

    /// The path of an object's unpacked bytes, its own where it is not packed; and whether they are
    /// a part only.
    func unpacked(
        _ index: Int, _ object: InputObject
    ) async throws -> (path: String, endsEarly: Bool) {
        guard object.location.hasPrefix("/") else {
            throw EngineError(.input, "`\(object.location)` is not on this host")
        }
        let packing = try await packing(object.location)
        if packing == .none { return (object.location, false) }
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
        let endsEarly = ["unexpected end of file", "premature end"].contains {
            result.errorText.contains($0)
        }
        // gzip's exit code 2 is a warning that data was left.
        guard result.isSuccess || (endsEarly && job.dataset.contract.truncated == .keep) else {
            let words = result.errorText.replacing(object.location, with: "").trimmed
            let fix = endsEarly ? "; deliver it again, or set `contract: {truncated: keep}`" : ""
            throw Refusal(.unreadable, "the object cannot be unpacked: \(words)\(fix)")
        }
        guard try await self.packing(path) == .none else {
            throw Refusal(.unreadable, "the object is packed more than once")
        }
        return (path, !result.isSuccess)
    }

    /// The object as UTF-8, where its format says that it is something else.
    private func transcoded(
        _ index: Int, _ object: InputObject, _ path: String
    ) async throws -> String {
        switch Inspection(job: job, object: object).format {
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
