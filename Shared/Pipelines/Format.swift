/// How records are written in an object. Compression (gzip, zstd) is seen from the object itself.
public enum Format: Codable, Sendable, Equatable {
    case csv(CSVFormat)
    /// One JSON object per line.
    case jsonLines
    /// CSV or JSON lines, seen from the object's name (`.jsonl`, `.ndjson`, `.json`: JSON lines).
    case byName(CSVFormat)

    private enum CodingKeys: CodingKey { case csv, jsonLines, byName }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if let csv = try container.decodeIfPresent(CSVFormat.self, forKey: .csv) {
            self = .csv(csv)
        } else if let csv = try container.decodeIfPresent(CSVFormat.self, forKey: .byName) {
            self = .byName(csv)
        } else {
            _ = try container.decode([String: String].self, forKey: .jsonLines)
            self = .jsonLines
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .csv(let csv): try container.encode(csv, forKey: .csv)
        case .byName(let csv): try container.encode(csv, forKey: .byName)
        case .jsonLines: try container.encode([String: String](), forKey: .jsonLines)
        }
    }
}

/// The dialect of delimited text. A header line is required: it maps fields to columns by name.
public struct CSVFormat: Codable, Sendable, Equatable {
    /// One ASCII character.
    public var delimiter: String
    public var quote: String
    public var escape: String

    public init(delimiter: String = ",", quote: String = "\"", escape: String = "\"") {
        self.delimiter = delimiter
        self.quote = quote
        self.escape = escape
    }
}
