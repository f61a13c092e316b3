import Events
import Glibc
import Lanes

/// Reads the rows that an engine writes to a pipe, a chunk of whole records at a time. The last
/// column is the record's `_line`, which is taken off: no table has it.
///
/// It waits for the pipe on a lane of its own.
actor RowStream {
    private let descriptor: Int32
    private let lane = Lane("loader.rows")
    /// The record that is not whole yet.
    private var record: [UInt8] = []
    private var isQuoted = false
    private var lastComma = 0

    /// As many as are worth trying again when one is refused.
    private static let rows = 10_000
    private static let bytes = 8 << 20

    /// - Parameter descriptor: It stays the caller's, who closes it.
    init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }

    /// The next rows; nil after the last.
    ///
    /// - Throws: A transient error when the rows end in the middle of one.
    func next() throws -> RowChunk? {
        var chunk = RowChunk()
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        while chunk.count < Self.rows, chunk.bytes.count < Self.bytes {
            let count = try fill(&buffer)
            if count == 0 { break }
            scan(buffer[..<count], into: &chunk)
        }
        guard chunk.count == 0 else { return chunk }
        guard record.isEmpty else {
            throw HandlingError(
                .transient, "engine.export", "the engine's rows end in the middle of one")
        }
        return nil
    }

    private func scan(_ bytes: ArraySlice<UInt8>, into chunk: inout RowChunk) {
        for byte in bytes {
            if byte == UInt8(ascii: "\n"), !isQuoted {
                let line = String(decoding: record.dropFirst(lastComma + 1), as: UTF8.self)
                chunk.append(record[..<lastComma], from: Int(line))
                record.removeAll(keepingCapacity: true)
                continue
            }
            if byte == UInt8(ascii: "\"") {
                isQuoted.toggle()
            } else if byte == UInt8(ascii: ","), !isQuoted {
                lastComma = record.count
            }
            record.append(byte)
        }
    }

    private func fill(_ buffer: inout [UInt8]) throws -> Int {
        while true {
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            repeat { try Task.checkCancellation() } while poll(&entry, 1, 100) <= 0
            let count = read(descriptor, &buffer, buffer.count)
            if count >= 0 { return count }
            guard errno == EINTR else {
                let reason = String(cString: strerror(errno))
                throw HandlingError(
                    .transient, "engine.export", "the engine's rows cannot be read: \(reason)")
            }
        }
    }
}
