import Lanes
import Pipelines

extension Preparation {
    /// How a Parquet object is to be read: by the program as it is, or through a record file where
    /// the dataset has `json` columns, because only our own scanner vouches for JSON.
    ///
    /// - Throws: `Refusal` when it cannot be read as this dataset.
    func parquet(_ index: Int, _ object: InputObject, _ path: String) async throws -> ObjectPlan {
        var path = path
        var schema = try await parquetSchema(index, path)
        let header = try ParquetColumns.header(schema, for: job)
        let places = header.positions
        let isCut = places.contains { $0.map { schema.fields[$0].cut != nil } ?? false }
        if isCut {
            path = try await rewritten(index, path)
            let script = ParquetSchema.script(path, isRewritten: true)
            schema = try schema.rewritten(as: try ParquetSchema(try await run(script, index)))
        }
        let columns = try ParquetColumns(schema, places, for: job.dataset, isRewritten: isCut)
        let plan = ObjectPlan(
            index: index, object: object, path: path, reading: .parquet(columns), isText: false,
            notes: header.notes)
        let hasJSON = zip(job.dataset.columns, columns.texts).contains {
            $0.type == .json && $1 != nil
        }
        guard hasJSON else { return plan }
        let texts = "\(job.scratch)/texts-\(index).csv"
        _ = try await run(copy(columns, path, to: texts), index)
        return try await lane.run { [plan] in
            try MappedFile.read(texts) { bytes in
                try prepared(plan) { records, rejects in
                    try check(bytes, index, into: &records, &rejects)
                    return nil
                }
            }
        }
    }

    /// The columns of a Parquet object.
    func parquetSchema(_ index: Int, _ path: String) async throws -> ParquetSchema {
        try await lane.run { try MappedFile.read(path) { try ParquetSchema.inspect($0) } }
        return try ParquetSchema(try await run(ParquetSchema.script(path), index))
    }

    /// A copy of the object with a footer that lets times be read whole.
    private func rewritten(_ index: Int, _ path: String) async throws -> String {
        let target = "\(job.scratch)/whole-\(index).parquet"
        try await lane.run {
            try MappedFile.read(path) { bytes in
                do {
                    let (start, footer) = try ParquetFooter.rewritten(bytes)
                    let file = try OutputFile(target)
                    try file.write(UnsafeRawBufferPointer(rebasing: bytes[..<start]))
                    try file.write(footer[...])
                } catch is ParquetFooter.Damage {
                    throw ParquetSchema.unreadableTimes
                }
            }
        }
        return target
    }

    private func run(_ script: String, _ index: Int) async throws -> [String] {
        let path = "\(job.scratch)/parquet-\(index).sql"
        try await lane.run { try DuckDBEngine.write(script, to: path) }
        do {
            return try await program.run(path)
        } catch let failure as DuckDBProgram.Failure {
            throw Refusal(
                .unreadable, "the object cannot be read as Parquet: \(failure.message)")
        }
    }

    private func copy(_ columns: ParquetColumns, _ path: String, to texts: String) -> String {
        let names = job.dataset.columns.indices.map { "r\($0)" }.joined(separator: ", ")
        let files = DuckDBDialect.literals([path, texts])
        let spill = DuckDBDialect.literal("\(job.scratch)/spill")
        return """
            SET TimeZone = 'UTC';
            SET threads = \(limits.threads);
            SET memory_limit = '\(limits.memoryMegabytes)MiB';
            SET temp_directory = \(spill);
            SET preserve_insertion_order = true;
            SET autoinstall_known_extensions = false;
            SET autoload_known_extensions = false;
            SET allowed_paths = [\(files)];
            SET allowed_directories = [\(spill)];
            SET enable_external_access = false;
            SET lock_configuration = true;
            COPY (SELECT line, \(names) FROM (\(columns.sql(path)))) \
            TO \(DuckDBDialect.literal(texts)) \
            (FORMAT csv, HEADER false, NULLSTR '\\N', FORCE_QUOTE (\(names)));
            """
    }

    /// Makes a record file of the texts, without the records whose JSON cannot be kept.
    private func check(
        _ bytes: UnsafeRawBufferPointer, _ index: Int, into records: inout RecordFile,
        _ rejects: inout RejectFile
    ) throws(EngineError) {
        let columns = job.dataset.columns
        var scanner = CSVScanner(bytes, CSVFormat(), from: 0, limit: 4 * CSVScanner.recordLimit)
        while let record = scanner.next() {
            let values = scanner.fields.map { field -> [UInt8]? in
                let value = scanner.value(field)
                return value == Array("\\N".utf8) && !field.isQuoted ? nil : value
            }
            let line = values.first?.flatMap { Int(String(decoding: $0, as: UTF8.self)) }
            guard record.fault == nil, let line, values.count == columns.count + 1 else {
                throw EngineError(.crashed, "the program's texts of Parquet cannot be read")
            }
            if let refusal = jsonFault(values.dropFirst()) {
                let raw = JSONText.object(zip(columns.map(\.field), values.dropFirst()))
                try rejects.add(
                    Rejection(
                        object: index, line: line, field: refusal.field, reason: refusal.reason,
                        message: refusal.message, raw: raw))
                continue
            }
            records.number(line)
            records.null()
            records.null()
            for value in values.dropFirst() {
                guard let value else {
                    records.null()
                    continue
                }
                value.withUnsafeBytes { records.bytes($0, 0..<$0.count) }
            }
            try records.endRecord()
        }
    }

    private func jsonFault(_ values: ArraySlice<[UInt8]?>) -> Refusal? {
        for (column, value) in zip(job.dataset.columns, values) {
            guard column.type == .json, let value else { continue }
            if let refusal = CSVRepair.jsonFault(of: value, in: column) { return refusal }
        }
        return nil
    }
}
