public import Foundation

/// How payloads are written: sorted keys, times as RFC 3339 with milliseconds, UTC.
public enum EventJSON {
    /// The bytes of a payload; the same value gives the same bytes.
    public static func encode(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(text(of: date))
        }
        return try encoder.encode(value)
    }

    /// Reads what `encode` wrote. Unknown keys are ignored.
    public static func decode<Value: Decodable>(_ type: Value.Type, from data: Data) throws -> Value
    {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            let container = try decoder.singleValueContainer()
            let text = try container.decode(String.self)
            guard let date = date(from: text) else {
                throw DecodingError.dataCorruptedError(
                    in: container, debugDescription: "`\(text)` is not an RFC 3339 time")
            }
            return date
        }
        return try decoder.decode(type, from: data)
    }

    /// `2026-11-21T09:14:02.123Z`
    public static func text(of date: Date) -> String {
        if let text = RFC3339.text(of: date) { return text }
        // The style cuts what is below a millisecond: without the quarter, half of all times that
        // were read from a text would be written a millisecond earlier.
        let milliseconds = (date.timeIntervalSinceReferenceDate * 1_000).rounded()
        return Date(timeIntervalSinceReferenceDate: (milliseconds + 0.25) / 1_000)
            .formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    /// Reads RFC 3339 with or without a fraction; nil when it is not that.
    public static func date(from text: String) -> Date? {
        let withFraction = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        return RFC3339.date(from: text) ?? (try? Date(text, strategy: withFraction))
            ?? (try? Date(text, strategy: .iso8601))
    }
}
