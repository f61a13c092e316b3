/// One record of a drill's load. All of it follows from its table, its id and its version.
struct DrillRow: Sendable, Equatable {
    let id: Int
    /// Microseconds since the first moment of the load: the larger one wins.
    let version: Int
    /// 63 bits that no other id or version has, but by chance.
    let checksum: Int

    init(_ table: DrillTable, seed: UInt64, id: Int, version: Int) {
        self.id = id
        self.version = version
        let key: UInt64 = table == .accounts ? 1 : 2
        var generator = SplitMix64(seed: seed, key, UInt64(id), UInt64(version))
        checksum = Int(generator.next() >> 1)
    }

    /// The names of its columns in files and in the table.
    static let columns = ["id", "seen_at", "amount", "note", "checksum"]

    /// Appends the record, its fields separated by `separator`.
    func append(to bytes: inout [UInt8], separator: UInt8, flaw: DrillFlaw? = nil) {
        bytes.appendDecimal(id)
        bytes.append(separator)
        Moment(microseconds: Self.start + version).appendStamp(to: &bytes)
        bytes.append(separator)
        flaw?.appendPrefix(to: &bytes)
        if flaw != .missing { bytes.appendDecimal(checksum & 0xFFFFF) }
        bytes.append(separator)
        bytes.appendHexadecimal(UInt64(checksum))
        bytes.append(separator)
        bytes.appendDecimal(checksum)
        bytes.append(UInt8(ascii: "\n"))
    }

    /// The first of January 2024.
    private static let start = 19_723 * Moment.day
}

/// What is wrong with a record that must be rejected.
enum DrillFlaw: String, Sendable, CaseIterable {
    case letters = "bad_value"
    case missing = "missing_value"
    case negative = "out_of_range"

    /// The reason that its reject must have.
    var reason: String { rawValue }

    fileprivate func appendPrefix(to bytes: inout [UInt8]) {
        switch self {
        case .letters: bytes.append(UInt8(ascii: "x"))
        case .missing: break
        case .negative: bytes += Array("-1".utf8)
        }
    }
}
