/// Goes over a text line by line; blank lines are counted and left out.
struct LineScanner {
    /// A line that is not blank.
    struct Line {
        /// From 1.
        var number: Int
        /// Without the line's end.
        var range: Range<Int>
    }

    private let bytes: UnsafeRawBufferPointer
    private var position: Int
    private var number = 0

    init(_ bytes: UnsafeRawBufferPointer, from start: Int) {
        self.bytes = bytes
        position = start
    }

    /// The next line; nil at the end.
    mutating func next() -> Line? {
        while position < bytes.count {
            let start = position
            while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
            var end = position
            position += 1
            number += 1
            while end > start, Self.isBlank(bytes[end - 1]) { end -= 1 }
            if start < end { return Line(number: number, range: start..<end) }
        }
        return nil
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0D
    }
}
