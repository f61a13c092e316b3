import Events

/// Cuts what a program prints into lines, while it prints it.
struct LineCut {
    /// Longer lines are nobody's message.
    static let limitBytes = 64 << 20

    private var rest: [UInt8] = []

    /// Hands on each whole line, without its end.
    mutating func take(
        _ bytes: UnsafeRawBufferPointer, _ line: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        var start = 0
        while let end = bytes[start...].firstIndex(of: 0x0A) {
            let piece = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
            if rest.isEmpty {
                try line(piece)
            } else {
                rest.append(contentsOf: piece)
                try rest.withUnsafeBytes { try line($0) }
                rest.removeAll(keepingCapacity: rest.capacity < 1 << 20)
            }
            start = end + 1
        }
        rest.append(contentsOf: bytes[start...])
        guard rest.count <= Self.limitBytes else {
            throw PollFailure(
                .permanent, "singer.long_line",
                "a line of it has more than \(Self.limitBytes >> 20) MiB")
        }
    }

    /// Nothing may be left at the end.
    func finish() throws {
        guard rest.isEmpty else {
            throw PollFailure(
                .transient, "program.cut",
                "its last line has no end, so that nobody knows whether it is whole")
        }
    }
}
