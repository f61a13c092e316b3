/// How records are written in an object. Compression (gzip, zstd) is seen from the object itself.
public enum Format: Codable, Sendable, Equatable {
    case csv(CSVFormat)
    /// One JSON object per line.
    case jsonLines
    /// An array of objects, one object, or several objects.
    case json(JSONFormat)
    case parquet
    /// Seen from the object's name: `.jsonl` and `.ndjson` are JSON lines, `.json` is JSON of
    /// either kind, `.parquet` is Parquet, everything else is CSV.
    case byName(CSVFormat)

    private enum CodingKeys: CodingKey { case csv, jsonLines, json, parquet, byName }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if let csv = try container.decodeIfPresent(CSVFormat.self, forKey: .csv) {
            self = .csv(csv)
        } else if let csv = try container.decodeIfPresent(CSVFormat.self, forKey: .byName) {
            self = .byName(csv)
        } else if let json = try container.decodeIfPresent(JSONFormat.self, forKey: .json) {
            self = .json(json)
        } else if container.contains(.parquet) {
            self = .parquet
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
        case .json(let json): try container.encode(json, forKey: .json)
        case .parquet: try container.encode([String: String](), forKey: .parquet)
        case .jsonLines: try container.encode([String: String](), forKey: .jsonLines)
        }
    }
}

/// Where the records are in a JSON document.
public struct JSONFormat: Codable, Sendable, Equatable {
    /// The keys that lead to the array of records; empty where the document is the array.
    public var path: [String]

    public init(path: [String] = []) {
        self.path = path
    }
}

/// The dialect of delimited text. A header line is required: it maps fields to columns by name.
public struct CSVFormat: Codable, Sendable, Equatable {
    /// One ASCII character.
    public var delimiter: String
    public var quote: String
    public var escape: String
    /// Nil is UTF-8.
    public var encoding: TextEncoding?
    /// The mark before a number's fraction; nil is a point.
    public var decimal: String?
    /// The mark between a number's groups of three digits; nil for none.
    public var thousands: String?

    public init(
        delimiter: String = ",", quote: String = "\"", escape: String = "\"",
        encoding: TextEncoding? = nil, decimal: String? = nil, thousands: String? = nil
    ) {
        self.delimiter = delimiter
        self.quote = quote
        self.escape = escape
        self.encoding = encoding
        self.decimal = decimal
        self.thousands = thousands
    }
}
