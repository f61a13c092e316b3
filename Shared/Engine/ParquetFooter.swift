/// Writes a Parquet footer anew so that DuckDB (1.5) reads times whole that it would cut: INT96
/// becomes twelve plain bytes, and nanoseconds in UTC become nanoseconds without a zone.
///
/// Footers are Thrift in its compact form. What is not changed is copied as it is.
struct ParquetFooter {
    /// It cannot be followed.
    struct Damage: Error {}

    /// The structs in which something changes, or that lead to one.
    private enum Kind {
        case file, element, logicalType, timestamp, rowGroup, chunk, column, other

        /// What a field of the struct, or each item of the list in it, is.
        func inner(_ field: Int) -> Kind {
            switch (self, field) {
            case (.file, 2): .element
            case (.file, 4): .rowGroup
            case (.element, 10): .logicalType
            case (.logicalType, 8): .timestamp
            case (.rowGroup, 1): .chunk
            case (.chunk, 3): .column
            default: .other
            }
        }
    }

    private let bytes: UnsafeRawBufferPointer
    private var position: Int
    private var output: [UInt8] = []

    private static let depthLimit = 64
    private static let int96: UInt8 = 3 << 1
    private static let plainBytes: UInt8 = 7 << 1

    private init(_ bytes: UnsafeRawBufferPointer, from start: Int) {
        self.bytes = bytes
        position = start
    }

    /// - Parameter bytes: A whole Parquet file, looked at already.
    /// - Returns: Where its footer starts, and what to write in its place.
    static func rewritten(
        _ bytes: UnsafeRawBufferPointer
    ) throws(Damage) -> (start: Int, footer: [UInt8]) {
        let length = bytes.loadUnaligned(fromByteOffset: bytes.count - 8, as: UInt32.self)
        let start = bytes.count - 8 - Int(UInt32(littleEndian: length))
        let end = bytes.count - 8
        var footer = ParquetFooter(UnsafeRawBufferPointer(rebasing: bytes[..<end]), from: start)
        try footer.structure(.file, depth: 0)
        var output = footer.output
        let written = UInt32(output.count)
        for shift in [0, 8, 16, 24] as [UInt32] {
            output.append(UInt8(truncatingIfNeeded: written >> shift))
        }
        output.append(contentsOf: "PAR1".utf8)
        return (start, output)
    }

    private mutating func structure(_ kind: Kind, depth: Int) throws(Damage) {
        guard depth < Self.depthLimit else { throw Damage() }
        var read = 0
        var written = 0
        var isInt96 = false
        while true {
            let header = try byte()
            guard header != 0 else {
                output.append(0)
                return
            }
            let delta = Int(header >> 4)
            read = delta > 0 ? read + delta : try zigzag()
            var type = header & 0x0F
            let mark = output.count
            // A moment in nanoseconds: the unit, the third of its union, stands behind.
            if kind == .timestamp, read == 1, type == 1, peek(0) == 0x1C, peek(1) == 0x3C {
                type = 2
            }
            write(field: read, type, after: written)
            let before = written
            written = read
            let start = output.count
            try value(type, kind.inner(read), depth: depth)
            let isType = (kind == .element || kind == .column) && read == 1
            if isType, output[start...].elementsEqual([Self.int96]) {
                isInt96 = true
                output[start] = Self.plainBytes
                if kind == .element {
                    // Its length in bytes.
                    write(field: 2, 5, after: written)
                    output.append(12 << 1)
                    written = 2
                }
            } else if isInt96, kind == .element ? [2, 6].contains(read) : read == 12 {
                // Its own length and meaning, or statistics of another order.
                output.removeLast(output.count - mark)
                written = before
            }
        }
    }

    private mutating func write(field: Int, _ type: UInt8, after last: Int) {
        let delta = field - last
        if (1...15).contains(delta) {
            output.append(UInt8(delta) << 4 | type)
        } else {
            output.append(type)
            var number = UInt64(bitPattern: Int64(field << 1 ^ field >> 63))
            while number >= 0x80 {
                output.append(UInt8(truncatingIfNeeded: number) | 0x80)
                number >>= 7
            }
            output.append(UInt8(number))
        }
    }

    private mutating func value(_ type: UInt8, _ kind: Kind, depth: Int) throws(Damage) {
        switch type {
        // A boolean is in the field's header.
        case 1, 2: break
        case 3: try copy(1)
        case 4, 5, 6: _ = try varint()
        case 7: try copy(8)
        case 8: try copy(try varint())
        case 9, 10:
            let header = try copiedByte()
            let count = header >> 4 == 15 ? try count() : Int(header >> 4)
            for _ in 0..<count { try item(header & 0x0F, kind, depth: depth) }
        case 11:
            let count = try count()
            guard count > 0 else { return }
            let types = try copiedByte()
            for _ in 0..<count {
                try item(types >> 4, .other, depth: depth)
                try item(types & 0x0F, .other, depth: depth)
            }
        case 12: try structure(kind, depth: depth + 1)
        default: throw Damage()
        }
    }

    private mutating func item(_ type: UInt8, _ kind: Kind, depth: Int) throws(Damage) {
        guard depth < Self.depthLimit else { throw Damage() }
        if type == 1 || type == 2 { return try copy(1) }
        try value(type, kind, depth: depth + 1)
    }

    /// Copies a number of items, each of which takes a byte at least.
    private mutating func count() throws(Damage) -> Int {
        let count = try varint()
        guard (0...(bytes.count - position)).contains(count) else { throw Damage() }
        return count
    }

    /// Copies a number.
    private mutating func varint() throws(Damage) -> Int {
        var number: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            let byte = try copiedByte()
            number |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return Int(truncatingIfNeeded: number) }
        }
        throw Damage()
    }

    /// Reads a number that is written anew.
    private mutating func zigzag() throws(Damage) -> Int {
        let mark = output.count
        let number = try varint()
        output.removeLast(output.count - mark)
        return number >> 1 ^ -(number & 1)
    }

    private mutating func copy(_ count: Int) throws(Damage) {
        guard count >= 0, count <= bytes.count - position else { throw Damage() }
        output.append(contentsOf: bytes[position..<(position + count)])
        position += count
    }

    private mutating func copiedByte() throws(Damage) -> UInt8 {
        let byte = try byte()
        output.append(byte)
        return byte
    }

    private mutating func byte() throws(Damage) -> UInt8 {
        guard position < bytes.count else { throw Damage() }
        defer { position += 1 }
        return bytes[position]
    }

    private func peek(_ offset: Int) -> UInt8? {
        position + offset < bytes.count ? bytes[position + offset] : nil
    }
}
