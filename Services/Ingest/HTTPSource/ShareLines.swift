import Events
import Foundation
import Pipelines
import Spool
import Synchronization

/// Makes lines of records, for each dataset that takes of them those that it takes.
final class ShareLines: RecordTarget {
    /// Where the lines go.
    enum Sink {
        /// Into segments, one for each dataset, while they come.
        case segments([GrowingSegment])
        /// They stay, up to so many bytes.
        case memory(limitBytes: Int)
    }

    private static let pieceBytes = 256 << 10

    private let shares: [HTTPShare?]
    private let sink: Sink
    private let askedAt: String
    private let lines: Mutex<[[UInt8]]>

    /// - Parameter shares: What each dataset takes; nil for all as it is.
    init(_ shares: [HTTPShare?], into sink: Sink) {
        self.shares = shares
        self.sink = sink
        askedAt = Date.now.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        lines = Mutex(shares.map { _ in [] })
    }

    /// The lines of each dataset that stay in memory.
    var content: [[UInt8]] { lines.withLock { $0 } }

    func take(_ record: UnsafeRawBufferPointer) throws {
        try lines.withLock { lines in
            for (index, share) in shares.enumerated() {
                guard let share else {
                    lines[index].append(contentsOf: record)
                    lines[index].append(0x0A)
                    continue
                }
                for range in JSONLookup.ranges(at: share.records, in: record) {
                    let part = UnsafeRawBufferPointer(rebasing: record[range])
                    append(part, with: fields(share.with, of: record), to: &lines[index])
                }
            }
            try spill(&lines, above: Self.pieceBytes)
        }
    }

    func takePiece(_ bytes: UnsafeRawBufferPointer) throws {
        guard case .segments(let segments) = sink, shares == [nil], let segment = segments.first
        else { throw tooLong }
        try flush()
        try segment.write(bytes)
    }

    func endPieces() throws { lines.withLock { $0[0].append(0x0A) } }

    func flush() throws { try lines.withLock { try spill(&$0, above: 0) } }

    private func spill(_ lines: inout [[UInt8]], above bytes: Int) throws {
        switch sink {
        case .memory(let limit):
            guard lines.reduce(0, { $0 + $1.count }) <= limit else { throw tooLong }
        case .segments(let segments):
            for (index, segment) in segments.enumerated() where lines[index].count > bytes {
                try lines[index].withUnsafeBytes { try segment.write($0) }
                lines[index].removeAll(keepingCapacity: true)
            }
        }
    }

    /// The fields that a part gets besides, as they stand in JSON, without the last comma.
    private func fields(
        _ fields: [HTTPAddedField], of record: UnsafeRawBufferPointer
    ) -> [UInt8] {
        var text: [UInt8] = []
        for field in fields {
            let name = field.name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            text += "\"\(name)\":".utf8
            switch field.origin {
            case .askedAt: text += "\"\(askedAt)\"".utf8
            case .record(let path):
                let range = JSONLookup.ranges(at: path, in: record, isFirstEnough: true).first
                if let range { text += record[range] } else { text += "null".utf8 }
            }
            text.append(UInt8(ascii: ","))
        }
        return text.dropLast()
    }

    private func append(
        _ part: UnsafeRawBufferPointer, with fields: [UInt8], to lines: inout [UInt8]
    ) {
        // What is no object can get no fields; the engine says what is wrong with it.
        if !fields.isEmpty, part.first == UInt8(ascii: "{") {
            let rest = part.dropFirst()
            let isEmpty = rest.first { $0 > 0x20 } == UInt8(ascii: "}")
            lines.append(UInt8(ascii: "{"))
            lines += fields
            if !isEmpty { lines.append(UInt8(ascii: ",")) }
            lines += rest
        } else {
            lines += part
        }
        lines.append(0x0A)
    }

    private var tooLong: PollFailure {
        PollFailure(
            .permanent, "http.too_long",
            "a record, or the answer of a call that is made "
                + "for each record of another, is too long")
    }
}
