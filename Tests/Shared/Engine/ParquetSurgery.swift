import Foundation

/// Files that DuckDB does not write, made of one that it does.
enum ParquetSurgery {
    /// Nanoseconds without a zone become nanoseconds in UTC: one flag of the last such column's type.
    static func adjustedToUTC(_ file: Data) -> Data? {
        replacing(file, [0x12, 0x1C, 0x3C], with: [0x11, 0x1C, 0x3C])
    }

    /// An INTERVAL column `a`, which takes 12 bytes, becomes INT96.
    static func int96(_ file: Data) -> Data? {
        // Type, length, repetition, name, and the converted type, which goes.
        replacing(
            file, [0x15, 0x0E, 0x15, 0x18, 0x15, 0x02, 0x18, 0x01, 0x61, 0x25],
            with: [0x15, 0x06, 0x15, 0x18, 0x15, 0x02, 0x18, 0x01, 0x61, 0x35]
        ).flatMap { replacing($0, [0x1C, 0x15, 0x0E], with: [0x1C, 0x15, 0x06]) }
    }

    /// The interval whose twelve bytes are those of a time as INT96.
    static func interval(day: Int, nanoseconds: UInt64) -> String {
        let low = Int32(truncatingIfNeeded: nanoseconds)
        let high = Int32(truncatingIfNeeded: nanoseconds >> 32)
        return "to_months(\(low)) + to_days(\(high)) + to_milliseconds(\(day))"
    }

    private static func replacing(_ file: Data, _ bytes: [UInt8], with others: [UInt8]) -> Data? {
        var file = file
        guard let range = file.range(of: Data(bytes), options: .backwards) else { return nil }
        file.replaceSubrange(range, with: others)
        return file
    }
}
