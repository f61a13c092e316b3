/// An HTTP API that is asked for new records at regular times.
public struct HTTPSource: Codable, Sendable, Equatable {
    /// Absolute, without a query.
    public var url: String
    /// The query, in order. `{cursor}` in a value stands for where the last poll ended; a parameter
    /// with it is left out while nothing is known of that.
    public var parameters: [HTTPField]
    public var headers: [HTTPField]
    public var auth: HTTPAuth?
    /// How its answers are written.
    public var format: HTTPFormat
    /// The keys that lead to the array of records; empty where the answer is the array.
    public var records: [String]
    /// Nil where an answer has all there is.
    public var pages: HTTPPages?
    /// Nil where each poll is compared with the one before.
    public var cursor: HTTPCursor?
    /// Records with the same values there are the same; empty for the whole record.
    public var sameBy: [[String]]
    /// What answers mean; the first that fits holds.
    public var responses: [HTTPResponseRule]
    public var everySeconds: Int
    /// When it is polled, where that is not after so many seconds.
    public var schedule: Trigger.When?
    public var rate: HTTPRate
    /// How long an answer may stand still.
    public var timeoutMilliseconds: Int
    /// Its source and name where datasets share it, `goodreads.details`; nil for one's own.
    public var call: String?
    /// The call that it is asked for each record of, as `{name.field}` in URL and parameters; at
    /// most one.
    public var parents: [HTTPSource]
    /// What the dataset takes of its records; nil for all as it is.
    public var share: HTTPShare?

    public init(
        url: String, parameters: [HTTPField] = [], headers: [HTTPField] = [],
        auth: HTTPAuth? = nil, format: HTTPFormat = .json, records: [String] = [],
        pages: HTTPPages? = nil, cursor: HTTPCursor? = nil, sameBy: [[String]] = [],
        responses: [HTTPResponseRule] = [], everySeconds: Int = 60, schedule: Trigger.When? = nil,
        rate: HTTPRate = HTTPRate(),
        timeoutMilliseconds: Int = 30_000, call: String? = nil, parents: [HTTPSource] = [],
        share: HTTPShare? = nil
    ) {
        self.url = url
        self.parameters = parameters
        self.headers = headers
        self.auth = auth
        self.format = format
        self.records = records
        self.pages = pages
        self.cursor = cursor
        self.sameBy = sameBy
        self.responses = responses
        self.everySeconds = everySeconds
        self.schedule = schedule
        self.rate = rate
        self.timeoutMilliseconds = timeoutMilliseconds
        self.call = call
        self.parents = parents
        self.share = share
    }
}

/// A parameter of a query, or a header.
public struct HTTPField: Codable, Sendable, Equatable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// How the next page of an answer is found.
public enum HTTPPages: Codable, Sendable, Equatable {
    /// Its URL stands in the answer, absolute or not; no text there ends the pages.
    case next(path: [String])
    /// Its URL stands in the header `Link`, with `rel="next"`.
    case linkHeader
    /// A mark stands in the answer; it is sent back as a parameter.
    case bookmark(path: [String], parameter: String)
    /// Pages have numbers; one without records is the last.
    case number(parameter: String, first: Int)
    /// Pages begin behind so many records; one without records is the last.
    case offset(parameter: String)
}

/// The field by which newer records are told from those that are there.
public struct HTTPCursor: Codable, Sendable, Equatable {
    /// What the field's values are, which says how they are compared.
    public enum Kind: String, Codable, Sendable, CaseIterable { case bigint, timestamptz, text }

    /// What becomes of records without a value in the field.
    public enum Nulls: String, Codable, Sendable, CaseIterable { case take, skip, fail }

    /// The keys that lead to it inside of a record.
    public var field: [String]
    public var type: Kind
    /// Where the first poll begins; nil for everything.
    public var start: String?
    /// How far behind the newest record others may still come; for `timestamptz`.
    public var lagMilliseconds: Int
    public var nulls: Nulls

    public init(
        field: [String], type: Kind, start: String? = nil, lagMilliseconds: Int = 0,
        nulls: Nulls = .take
    ) {
        self.field = field
        self.type = type
        self.start = start
        self.lagMilliseconds = lagMilliseconds
        self.nulls = nulls
    }
}

/// How many requests a host gets at most. They go out at equal distances.
public struct HTTPRate: Codable, Sendable, Equatable {
    public var requests: Int
    public var perSeconds: Int

    public init(requests: Int = 10, perSeconds: Int = 1) {
        self.requests = requests
        self.perSeconds = perSeconds
    }

    /// The time from one request to the next.
    public var interval: Duration { .seconds(perSeconds) / max(1, requests) }
}
