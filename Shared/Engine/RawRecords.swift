import Foundation
import Lanes
public import Pipelines

/// A record as it came.
public struct RawRecord: Sendable, Equatable {
    /// The line where it starts, from 1.
    public let line: Int
    public let text: String
}

/// Finds records in a raw object.
public struct RawRecords: Sendable {
    private let dataset: Dataset
    private let object: InputObject
    private let limits: EngineLimits

    /// More of a record is not shown.
    private static let shownBytes = 64 << 10

    public init(_ dataset: Dataset, _ object: InputObject, limits: EngineLimits = EngineLimits()) {
        self.dataset = dataset
        self.object = object
        self.limits = limits
    }

    /// The record that a row with this `_line` came from; two where records that span lines leave
    /// it open which of them it was. Of a JSON document it is the line. Empty for a format whose
    /// records have no lines.
    public func records(at line: Int) async throws -> [RawRecord] {
        let scratch = FileManager.default.temporaryDirectory
            .appending(path: "millrace-raw-\(UUID())").path
        try FileManager.default.createDirectory(
            atPath: scratch, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        let found: Result<[RawRecord], any Error>
        do {
            found = .success(try await records(at: line, scratch: scratch))
        } catch let refusal as Refusal {
            found = .failure(EngineError(.input, refusal.message))
        } catch {
            found = .failure(error)
        }
        try FileManager.default.removeItem(atPath: scratch)
        return try found.get()
    }

    private func records(at line: Int, scratch: String) async throws -> [RawRecord] {
        let job = TransformJob(
            dataset: dataset, objects: [object], processed: "", rejects: "", scratch: scratch)
        let preparation = Preparation(
            job: job, limits: limits, program: DuckDBProgram(program: "duckdb", limits: limits))
        let path = try await preparation.unpacked(0, object).path
        return try await preparation.lane.run {
            try MappedFile.read(path) { try records(at: line, job, in: $0) }
        }
    }

    private func records(
        at line: Int, _ job: TransformJob, in bytes: UnsafeRawBufferPointer
    ) throws(Refusal) -> [RawRecord] {
        let format = Inspection(job: job, object: object).format
        if case .parquet = format { return [] }
        let start = try Inspection.textStart(of: bytes)
        if case .csv(let csv) = format {
            return csvRecords(at: line, in: CSVScanner(bytes, csv, from: start))
        } else {
            var lines = LineScanner(bytes, from: start)
            while let next = lines.next(), next.number <= line {
                if next.number == line { return [record(bytes, next.range, line)] }
            }
        }
        return []
    }

    /// `_line` is the line where a record starts, or its number and one: see the README.
    private func csvRecords(at line: Int, in scanner: CSVScanner) -> [RawRecord] {
        var scanner = scanner
        var found: [RawRecord] = []
        var number = 0
        while let next = scanner.next(), number <= line {
            if next.start == next.end { continue }
            number += 1
            guard next.line == line || number == line else { continue }
            found.append(record(scanner.bytes, next.start..<next.end, next.line))
        }
        return found
    }

    private func record(
        _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ line: Int
    ) -> RawRecord {
        let shown = UnsafeRawBufferPointer(rebasing: bytes[range].prefix(Self.shownBytes))
        return RawRecord(line: line, text: String(decoding: shown, as: UTF8.self))
    }
}
