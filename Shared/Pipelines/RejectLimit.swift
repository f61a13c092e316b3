/// How many records of a batch may be rejects: past it nothing of the batch is published.
public enum RejectLimit: Codable, Sendable, Equatable {
    case records(Int)
    /// A share of the records that were read.
    case percent(Double)

    /// Reads `100` or `0.5%`; nil when it is neither.
    public init?(_ text: String) {
        if let match = text.wholeMatch(of: /([0-9]{1,3}(\.[0-9]{1,6})?) ?%/) {
            guard let percent = Double(match.output.1), percent <= 100 else { return nil }
            self = .percent(percent)
        } else if text.wholeMatch(of: /[0-9]{1,12}/) != nil, let count = Int(text) {
            self = .records(count)
        } else {
            return nil
        }
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let limit = RejectLimit(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "a limit of rejects is `100` or `1%`")
        }
        self = limit
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    /// As the pipeline says it.
    public var text: String {
        switch self {
        case .records(let count): "\(count)"
        case .percent(let percent):
            percent == percent.rounded() ? "\(Int(percent))%" : "\(percent)%"
        }
    }

    /// True when so many rejects are not too many.
    public func allows(_ rejected: Int, of read: Int) -> Bool {
        switch self {
        case .records(let count): rejected <= count
        case .percent(let percent): Double(rejected) * 100 <= percent * Double(read)
        }
    }
}
