/// Finds the end of one record of a JSON array, which may be any value, while it arrives.
struct RecordCut {
    private var depth = 0
    private var isInText = false
    private var isEscaped = false

    /// Hands on the record's bytes from `index` on, and leaves `index` behind them.
    ///
    /// - Returns: True when the record is whole; false when it goes on behind these bytes.
    mutating func take(
        _ bytes: UnsafeRawBufferPointer, from index: inout Int,
        into output: inout some RecordOutput
    ) throws -> Bool {
        var run = index
        func flush(to end: Int, _ output: inout some RecordOutput) throws {
            if end > run { try output.add(UnsafeRawBufferPointer(rebasing: bytes[run..<end])) }
        }
        while index < bytes.count {
            let byte = bytes[index]
            if depth == 0, !isInText, Self.isBehind(byte) {
                try flush(to: index, &output)
                return true
            }
            if byte == 0x0A || byte == 0x0D {
                try flush(to: index, &output)
                // A line end inside of a text is a fault, and stays one.
                try withUnsafeBytes(of: UInt8(isInText ? 0x01 : 0x20)) { try output.add($0) }
                isEscaped = false
                run = index + 1
            }
            index += 1
            if isEnd(byte) {
                try flush(to: index, &output)
                return true
            }
        }
        try flush(to: index, &output)
        return false
    }

    /// True for what cannot belong to a number or word.
    private static func isBehind(_ byte: UInt8) -> Bool {
        byte <= 0x20 || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]")
            || byte == UInt8(ascii: "}")
    }

    /// Takes a byte into account; true when a text, object or array ends with it.
    private mutating func isEnd(_ byte: UInt8) -> Bool {
        if isInText {
            if !isEscaped, byte == UInt8(ascii: "\"") { isInText = false }
            isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
            return !isInText && depth == 0
        }
        switch byte {
        case UInt8(ascii: "\""): isInText = true
        case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
            depth -= 1
            return depth == 0
        default: break
        }
        return false
    }
}
