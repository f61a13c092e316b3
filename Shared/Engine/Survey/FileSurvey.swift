public import Pipelines

/// What a look over a whole file found, before any pipeline describes it.
public struct FileSurvey: Sendable {
    public var format: Format
    /// Records that could be read.
    public var records: Int
    /// Records that could not, whatever their types: broken quotes, too many fields.
    public var unreadable: Int
    /// In the order of the file; only those that have a name of their own.
    public var fields: [FieldSurvey]
    /// Names that stand in the header more than once; empty for fields without one.
    public var unusable: [String]
}

/// What the values of one field are like.
public struct FieldSurvey: Sendable, Decodable {
    /// The field's name in the records.
    public var name = ""
    /// Objects and lists of JSON are among the values.
    public var isNested = false
    /// How many values are neither empty nor a word for null.
    public var filled = 0
    /// How many different ones there are among them.
    public var distinct = 0
    /// The words for null in use, but for the empty text.
    public var nulls: [String] = []
    /// Whole numbers; those of 64 bits; numbers; those with zeros in front.
    public var whole = 0
    public var bigint = 0
    public var number = 0
    public var zeros = 0
    /// Numbers that a decimal keeps exactly; the most digits, and behind the point.
    public var decimal = 0
    public var digits = 0
    public var scale = 0
    /// Words for true and false; each of the two; more than one letter or digit.
    public var truth = 0
    public var yes = 0
    public var no = 0
    public var truthWords = 0
    /// Times as ISO 8601 says them.
    public var date = 0
    public var timestamp = 0
    public var timestamptz = 0
    /// How many values each of `TimePattern.all` reads.
    public var patterns: [Int] = []
    /// In characters.
    public var longest = 0
    /// The most frequent value, and the most frequent that is no number.
    public var example: String?
    public var odd: String?

    init() {}

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        func number(_ key: Key) throws -> Int {
            try container.decodeIfPresent(Int.self, forKey: key) ?? 0
        }
        filled = try number(.filled)
        distinct = try number(.distinct)
        nulls = try container.decodeIfPresent([String].self, forKey: .nulls) ?? []
        whole = try number(.whole)
        bigint = try number(.bigint)
        self.number = try number(.number)
        zeros = try number(.zeros)
        decimal = try number(.decimal)
        digits = try number(.digits)
        scale = try number(.scale)
        truth = try number(.truth)
        yes = try number(.yes)
        no = try number(.no)
        truthWords = try number(.truthWords)
        date = try number(.date)
        timestamp = try number(.timestamp)
        timestamptz = try number(.timestamptz)
        patterns = try container.decodeIfPresent([Int].self, forKey: .patterns) ?? []
        longest = try number(.longest)
        example = try container.decodeIfPresent(String.self, forKey: .example)
        odd = try container.decodeIfPresent(String.self, forKey: .odd)
    }

    private enum Key: CodingKey {
        case filled, distinct, nulls, whole, bigint, number, zeros, decimal, digits, scale, truth
        case yes, no, truthWords, date, timestamp, timestamptz, patterns, longest, example, odd
    }
}

/// A way in which files write times.
public struct TimePattern: Sendable, Equatable {
    /// Which of two numbers is the day.
    public enum Order: Sendable { case clear, monthFirst, dayFirst }

    public let pattern: String
    public let type: ColumnType
    public let order: Order

    init(_ pattern: String, _ type: ColumnType, _ order: Order = .clear) {
        self.pattern = pattern
        self.type = type
        self.order = order
    }

    /// All that are tried.
    public static let all: [TimePattern] = {
        var all = [
            TimePattern("%Y-%m-%d", .date), TimePattern("%Y/%m/%d", .date),
            TimePattern("%Y%m%d", .date), TimePattern("%d-%b-%Y", .date),
            TimePattern("%d %b %Y", .date), TimePattern("%b %d, %Y", .date),
            TimePattern("%d-%b-%y", .date),
            TimePattern("%Y-%m-%d %H:%M:%S", .timestamp),
            TimePattern("%Y-%m-%dT%H:%M:%S", .timestamp),
            TimePattern("%Y-%m-%d %H:%M", .timestamp), TimePattern("%Y/%m/%d %H:%M:%S", .timestamp),
            TimePattern("%Y%m%d%H%M%S", .timestamp), TimePattern("%Y%m%d %H:%M:%S", .timestamp),
            TimePattern("%d %b %Y %H:%M:%S", .timestamp),
            TimePattern("%a %b %d %H:%M:%S %Y", .timestamp),
            TimePattern("%a %b %d %H:%M:%S %z %Y", .timestamptz),
            TimePattern("%a, %d %b %Y %H:%M:%S %z", .timestamptz),
            TimePattern("%d/%b/%Y:%H:%M:%S %z", .timestamptz),
            TimePattern("%Y-%m-%d %H:%M:%S %z", .timestamptz),
        ]
        for (order, day) in [(Order.monthFirst, "%m/%d"), (.dayFirst, "%d/%m")] {
            for year in ["%Y", "%y"] {
                let date = "\(day)/\(year)"
                all.append(TimePattern(date, .date, order))
                for time in ["%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M:%S %p"] {
                    all.append(TimePattern("\(date) \(time)", .timestamp, order))
                }
            }
        }
        for date in ["%d.%m.%Y", "%d.%m.%y", "%d-%m-%Y"] {
            all.append(TimePattern(date, .date, .dayFirst))
            for time in ["%H:%M", "%H:%M:%S"] {
                all.append(TimePattern("\(date) \(time)", .timestamp, .dayFirst))
            }
        }
        all.append(TimePattern("%m-%d-%Y", .date, .monthFirst))
        return all
    }()
}

/// Why nothing can be said about a file.
public struct SurveyError: Error, CustomStringConvertible {
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
