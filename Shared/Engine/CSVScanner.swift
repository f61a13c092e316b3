/// Goes over delimited text record by record, and over broken quotes line by line.
struct CSVScanner {
    /// Where a field's value lies.
    struct Field {
        var start: Int
        var end: Int
        /// The value was in quotes, which are outside of the range.
        var isQuoted = false
        /// There are escaped quotes inside.
        var isEscaped = false
    }

    /// Where a record lies and what is wrong with its quotes.
    struct Record {
        var start: Int
        /// Behind its last byte, without the line's end.
        var end: Int
        /// From 1.
        var line: Int
        var fault: (reason: RejectReason, message: String)?
    }

    let bytes: UnsafeRawBufferPointer
    let delimiter: UInt8
    let quote: UInt8
    let escape: UInt8
    /// A record that is longer is a fault.
    let limit: Int
    private(set) var position: Int
    private(set) var line: Int
    private(set) var fields: [Field] = []

    init(
        _ bytes: UnsafeRawBufferPointer, delimiter: UInt8, quote: UInt8, escape: UInt8,
        from position: Int = 0, line: Int = 1, limit: Int = CSVScanner.recordLimit
    ) {
        self.bytes = bytes
        self.delimiter = delimiter
        self.quote = quote
        self.escape = escape
        self.limit = limit
        self.position = position
        self.line = line
    }

    /// The longest record of all formats.
    static let recordLimit = 16 << 20

    /// The next record, whose values are then in `fields`; nil at the end.
    mutating func next() -> Record? {
        guard position < bytes.count else { return nil }
        fields.removeAll(keepingCapacity: true)
        var record = Record(start: position, end: position, line: line)
        while true {
            let isQuoted = position < bytes.count && bytes[position] == quote
            if let fault = isQuoted ? quotedField() : plainField() {
                record.fault = fault
                skipLine(of: &record)
                return record
            }
            if position - record.start > limit {
                record.fault = (.tooLong, "the record is longer than \(limit >> 20) MiB")
                skipLine(of: &record)
                return record
            }
            guard position < bytes.count, bytes[position] == delimiter else { break }
            position += 1
        }
        record.end = position
        skipLineEnd()
        return record
    }

    /// Goes on at the second physical line of a record that was read wrongly.
    mutating func rewind(to record: inout Record) {
        skipLine(of: &record)
    }

    /// The value of a field, escapes resolved.
    func value(_ field: Field) -> [UInt8] {
        let raw = bytes[field.start..<field.end]
        guard field.isEscaped else { return Array(raw) }
        var value: [UInt8] = []
        value.reserveCapacity(raw.count)
        var index = raw.startIndex
        while index < raw.endIndex {
            let next = index + 1
            let isEscape = raw[index] == escape && next < raw.endIndex
            if isEscape && (raw[next] == quote || raw[next] == escape) { index = next }
            value.append(raw[index])
            index += 1
        }
        return value
    }

    private mutating func plainField() -> (RejectReason, String)? {
        let start = position
        while position < bytes.count {
            let byte = bytes[position]
            if byte == delimiter || byte == Self.lineFeed || byte == Self.carriageReturn { break }
            position += 1
        }
        fields.append(Field(start: start, end: position))
        return nil
    }

    private mutating func quotedField() -> (RejectReason, String)? {
        let start = position + 1
        let last = min(bytes.count, start + limit)
        position = start
        var isEscaped = false
        while position < last {
            let byte = bytes[position]
            let isEscape = byte == escape && position + 1 < bytes.count
            if isEscape
                && (bytes[position + 1] == quote
                    || (escape != quote && bytes[position + 1] == escape))
            {
                isEscaped = true
                position += 2
            } else if byte == quote {
                let end = position
                position += 1
                fields.append(Field(start: start, end: end, isQuoted: true, isEscaped: isEscaped))
                return isFieldEnd ? nil : (.malformed, "there is text behind a closing quote")
            } else {
                if byte == Self.lineFeed || (byte == Self.carriageReturn && !isBeforeLineFeed) {
                    line += 1
                }
                position += 1
            }
        }
        return (.malformed, "a quote is opened and never closed")
    }

    private var isFieldEnd: Bool {
        guard position < bytes.count else { return true }
        let byte = bytes[position]
        return byte == delimiter || byte == Self.lineFeed || byte == Self.carriageReturn
    }

    private var isBeforeLineFeed: Bool {
        position + 1 < bytes.count && bytes[position + 1] == Self.lineFeed
    }

    /// Makes the record its first physical line and goes on behind it.
    private mutating func skipLine(of record: inout Record) {
        line = record.line
        position = record.start
        while position < bytes.count, bytes[position] != Self.lineFeed,
            bytes[position] != Self.carriageReturn
        {
            position += 1
        }
        record.end = position
        skipLineEnd()
    }

    private mutating func skipLineEnd() {
        guard position < bytes.count else { return }
        if bytes[position] == Self.carriageReturn && isBeforeLineFeed { position += 1 }
        position += 1
        line += 1
    }

    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")
}
