import Lanes
import Pipelines

/// An object that can be looked into.
struct ObjectSource: Sendable {
    /// The object itself, or its unpacked copy.
    var path: String
    /// The copy is a part only: the packed object is cut off.
    var endsEarly = false
    var refusal: Refusal?
}

extension Preparation {
    /// The fields of an object that no column takes, as far as it can be read: whoever reads it in
    /// earnest says why it cannot.
    func strangers(_ index: Int, _ source: ObjectSource) async throws -> [String] {
        var probe = job
        probe.dataset.contract.newColumns = .discardValue
        let inspection = Inspection(job: probe, object: job.objects[index])
        do {
            if case .parquet = inspection.format {
                let names = try await parquetSchema(index, source.path).fields.map(\.name)
                return names.filter { name in !probe.dataset.columns.contains { $0.field == name } }
            }
            return try await lane.run { [probe] in
                try MappedFile.read(source.path) { bytes in
                    try inspection.strangers(bytes) {
                        var records = try RecordFile("/dev/null")
                        var rejects = try RejectFile("/dev/null", of: probe.dataset)
                        return try probe.readJSON(bytes, of: index, into: &records, &rejects)
                    }
                }
            }
        } catch is Refusal {
            return []
        }
    }
}

extension TransformJob {
    /// Makes records of an object of JSON lines or documents.
    ///
    /// - Returns: The fields that no column takes.
    func readJSON(
        _ bytes: UnsafeRawBufferPointer, of index: Int, into records: inout RecordFile,
        _ rejects: inout RejectFile
    ) throws -> Strangers {
        let start = try Inspection.textStart(of: bytes)
        let inspection = Inspection(job: self, object: objects[index])
        guard case .json(let format) = inspection.format(of: bytes, from: start) else {
            var reader = JSONLinesReader(self)
            try reader.read(bytes, from: start, object: index, into: &records, &rejects)
            return reader.strangers
        }
        var reader = JSONDocumentReader(self, format, bytes, from: start, object: index)
        try reader.read(into: &records, &rejects)
        return reader.strangers
    }
}
