import Glibc

/// Tells the lines of places in a text, going forward only.
struct LineCounter {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0
    private var line = 1
    private var lineStart = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// The line of a byte and the byte's number in it, both from 1.
    mutating func place(of byte: Int) -> (line: Int, byte: Int) {
        while position < byte, let base = bytes.baseAddress,
            let end = memchr(base + position, Int32(UInt8(ascii: "\n")), byte - position)
        {
            position = base.distance(to: UnsafeRawPointer(end)) + 1
            line += 1
            lineStart = position
        }
        position = max(position, byte)
        return (line, byte - lineStart + 1)
    }
}
