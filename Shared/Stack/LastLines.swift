import Synchronization

/// The last lines that a child wrote, for the message about its end.
final class LastLines: Sendable {
    private let lines = Mutex<[String]>([])

    func add(_ line: [UInt8]) {
        lines.withLock { lines in
            lines.append(LogLine.text(line))
            if lines.count > 8 { lines.removeFirst() }
        }
    }

    /// What follows `it ended`; empty when it wrote nothing.
    var text: String {
        let lines = lines.withLock { $0 }
        return lines.isEmpty ? "" : "; it wrote\n  " + lines.joined(separator: "\n  ")
    }
}
