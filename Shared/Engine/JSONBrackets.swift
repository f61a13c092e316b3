/// Finds where an object or array ends by its brackets and quotes alone, however wrong its inside.
enum JSONBrackets {
    /// The end of what opens at `start`, behind its last bracket; nil when the brackets do not
    /// match, or a text is not closed in its line.
    static func end(_ bytes: UnsafeRawBufferPointer, from start: Int, to limit: Int) -> Int? {
        var open: [UInt8] = []
        var index = start
        while index < limit {
            let byte = bytes[index]
            index += 1
            switch byte {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard open.count < depthLimit else { return nil }
                // The closing bracket stands two behind the opening one in ASCII.
                open.append(byte + 2)
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard open.popLast() == byte else { return nil }
                if open.isEmpty { return index }
            case UInt8(ascii: "\""):
                guard let behind = textEnd(bytes, from: index, to: limit) else { return nil }
                index = behind
            default:
                if open.isEmpty { return nil }
            }
        }
        return nil
    }

    private static let depthLimit = 1 << 20

    private static func textEnd(
        _ bytes: UnsafeRawBufferPointer, from start: Int, to limit: Int
    ) -> Int? {
        var index = start
        while index < limit {
            switch bytes[index] {
            case UInt8(ascii: "\""): return index + 1
            case UInt8(ascii: "\\"): index += 2
            case UInt8(ascii: "\n"): return nil
            default: index += 1
            }
        }
        return nil
    }
}
