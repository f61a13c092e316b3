/// Where a dataset's records come from.
public enum Source: Codable, Sendable, Equatable {
    /// Files that appear in a folder.
    case files(FilesSource)
    /// Answers of an HTTP API that is asked again and again.
    case http(HTTPSource)
    /// What a program prints.
    case command(SourceProgram)
    /// What a Singer tap sends.
    case singer(SingerSource)

    private enum CodingKeys: CodingKey { case files, http, command, singer }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if let http = try container.decodeIfPresent(HTTPSource.self, forKey: .http) {
            self = .http(http)
        } else if let command = try container.decodeIfPresent(SourceProgram.self, forKey: .command)
        {
            self = .command(command)
        } else if let singer = try container.decodeIfPresent(SingerSource.self, forKey: .singer) {
            self = .singer(singer)
        } else {
            self = .files(try container.decode(FilesSource.self, forKey: .files))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .files(let source): try container.encode(source, forKey: .files)
        case .http(let source): try container.encode(source, forKey: .http)
        case .command(let source): try container.encode(source, forKey: .command)
        case .singer(let source): try container.encode(source, forKey: .singer)
        }
    }
}

/// A folder that is watched. A file is taken when nobody has written to it for `settleMilliseconds`
/// and nobody has it open for writing.
public struct FilesSource: Codable, Sendable, Equatable {
    /// Relative to the ingest's `MILLRACE_INBOX`, or absolute.
    public var path: String
    /// Shell patterns over the file's name; the first that fits decides.
    public var patterns: [String]
    public var settleMilliseconds: Int

    public init(path: String, patterns: [String], settleMilliseconds: Int) {
        self.path = path
        self.patterns = patterns
        self.settleMilliseconds = settleMilliseconds
    }
}
