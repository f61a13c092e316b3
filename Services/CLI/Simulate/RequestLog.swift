import Foundation
import Lanes

/// One JSON line for each request, in the order in which they came.
actor RequestLog {
    private nonisolated let lane = Lane("simulate.log")
    nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }
    private let write: @Sendable (Data) throws -> Void
    private let encoder = JSONEncoder()

    /// What is told of a request.
    struct Line: Codable, Sendable {
        /// When it came, RFC 3339 with milliseconds.
        let time: String
        /// When it came, in seconds since the start, by a clock that is never set.
        let seconds: Double
        let method: String
        let path: String
        /// Without keys and signatures.
        let query: [String: String]
        let status: Int
        /// What was done to the answer on purpose; `gone` for an item that was taken back.
        let fault: String?
    }

    init(_ write: @escaping @Sendable (Data) throws -> Void) {
        self.write = write
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    }

    /// Appends to a file, which is made if need be.
    init(file: String) throws {
        let url = URL(filePath: file)
        if !FileManager.default.fileExists(atPath: url.path) { try Data().write(to: url) }
        let handle = try FileHandle(forWritingTo: url)
        try handle.seekToEnd()
        self.init { try handle.write(contentsOf: $0) }
    }

    /// Returns when the line is written.
    func add(_ line: Line) throws {
        var bytes = try encoder.encode(line)
        bytes.append(UInt8(ascii: "\n"))
        try write(bytes)
    }
}
