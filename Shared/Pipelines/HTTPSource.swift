/// An HTTP API that is asked for new records at regular times. Its answers are JSON.
public struct HTTPSource: Codable, Sendable, Equatable {
    /// Absolute, without a query.
    public var url: String
    /// The query, in order. `{cursor}` in a value stands for where the last poll ended; a parameter
    /// with it is left out while nothing is known of that.
    public var parameters: [HTTPField]
    public var headers: [HTTPField]
    public var auth: HTTPAuth?
    /// The keys that lead to the array of records; empty where the answer is the array.
    public var records: [String]
    /// Nil where an answer has all there is.
    public var pages: HTTPPages?
    /// Nil where each poll is compared with the one before.
    public var cursor: HTTPCursor?
    public var everySeconds: Int
    public var rate: HTTPRate
    /// How long an answer may stand still.
    public var timeoutMilliseconds: Int

    public init(
        url: String, parameters: [HTTPField] = [], headers: [HTTPField] = [],
        auth: HTTPAuth? = nil, records: [String] = [], pages: HTTPPages? = nil,
        cursor: HTTPCursor? = nil, everySeconds: Int = 60, rate: HTTPRate = HTTPRate(),
        timeoutMilliseconds: Int = 30_000
    ) {
        self.url = url
        self.parameters = parameters
        self.headers = headers
        self.auth = auth
        self.records = records
        self.pages = pages
        self.cursor = cursor
        self.everySeconds = everySeconds
        self.rate = rate
        self.timeoutMilliseconds = timeoutMilliseconds
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

/// How an API is told who asks. It goes to the origin of the source's own URL alone.
public enum HTTPAuth: Codable, Sendable, Equatable {
    /// `Authorization: Bearer …`.
    case bearer(SecretReference)
    case basic(user: String, password: SecretReference)
    case keyInHeader(name: String, SecretReference)
    case keyInQuery(name: String, SecretReference)
}

/// A secret that the ingest is given as the setting `MILLRACE_SECRET_<NAME>`. The pipeline has only
/// its name, `${secret:name}`.
public struct SecretReference: Codable, Sendable, Equatable {
    /// Lower-case letters, digits and `_`.
    public var name: String

    public init(_ name: String) {
        self.name = name
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
