public import Foundation

/// A sortable unique id: 48 bits of milliseconds, 80 random bits, as 26 letters of Crockford's
/// base 32 (the ULID specification).
public struct ULID: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
    /// The 26 letters, upper case.
    public let description: String

    /// A new id for the given moment.
    public init(at date: Date = Date()) {
        var generator = SystemRandomNumberGenerator()
        self.init(at: date, using: &generator)
    }

    /// A new id whose random part comes from `generator`.
    public init(at date: Date, using generator: inout some RandomNumberGenerator) {
        let milliseconds = UInt64(max(0, date.timeIntervalSince1970 * 1000))
        var letters: [UInt8] = []
        letters.reserveCapacity(26)
        for shift in stride(from: 45, through: 0, by: -5) {
            letters.append(Self.alphabet[Int(milliseconds >> UInt64(shift) & 31)])
        }
        for _ in 0..<16 {
            letters.append(Self.alphabet[Int.random(in: 0..<32, using: &generator)])
        }
        description = String(decoding: letters, as: UTF8.self)
    }

    /// The id of something that has a time and a name: always the same.
    public init(at date: Date, naming name: String) {
        let digest = SHA256.hex(of: Data(name.utf8))
        // A letter has five bits; the rest of each byte is not needed.
        let letters = digest.prefix(32).compactMap(\.hexDigitValue).enumerated()
            .filter { $0.offset % 2 == 1 }.map { $0.element }
        let more = digest.suffix(32).compactMap(\.hexDigitValue)
        let random = letters.indices.map { Self.alphabet[letters[$0] << 1 | more[$0] & 1] }
        description =
            ULID(at: date).description.prefix(10) + String(decoding: random, as: UTF8.self)
    }

    /// Reads an id; nil when the text is not one.
    public init?(_ text: some StringProtocol) {
        let upper = text.uppercased()
        guard upper.utf8.count == 26, upper.utf8.allSatisfy(Self.alphabet.contains),
            let first = upper.utf8.first, first <= UInt8(ascii: "7")
        else { return nil }
        description = upper
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let id = ULID(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "`\(text)` is not a ULID")
        }
        self = id
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    public static func < (left: ULID, right: ULID) -> Bool {
        left.description < right.description
    }

    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
}
