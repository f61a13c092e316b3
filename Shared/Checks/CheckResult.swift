public import Pipelines

/// What one check found, once.
public struct CheckResult: Sendable, Equatable {
    /// How it ended.
    public enum Outcome: String, Sendable {
        case passed, failed
        /// The check itself could not be evaluated: neither right nor wrong is known.
        case error
        /// It failed, but what it refers to is still on its way: looked at again when that is
        /// published.
        case held
        /// There are too few earlier values to compare with: nothing is said yet.
        case learning

        /// Whether somebody should know.
        public var isBad: Bool { self == .failed || self == .error }
    }

    public let name: String
    /// Of a failure: that of the limit which was passed.
    public let severity: Check.Severity
    public var outcome: Outcome
    /// Rows that fail; for keys, the surplus ones.
    public let failing: Int
    /// One sentence, without values of rows.
    public let message: String
    /// A JSON list of up to five failing rows.
    public let samples: String
    public let milliseconds: Int
    /// What was measured; nil where nothing could be.
    public var measurement: Measurement?

    /// A number with what it is and what it is judged by.
    public struct Measurement: Sendable, Equatable {
        /// `failing rows`, `rows`, `mean(price)`
        public var name: String
        public var value: Double
        /// The limits in words; nil where nothing is borne.
        public var limits: String?
        /// Rows that were looked at.
        public var rows: Int

        public init(name: String, value: Double, limits: String? = nil, rows: Int) {
            self.name = name
            self.value = value
            self.limits = limits
            self.rows = rows
        }
    }

    public init(
        name: String, severity: Check.Severity, outcome: Outcome, failing: Int, message: String,
        samples: String = "[]", milliseconds: Int = 0, measurement: Measurement? = nil
    ) {
        self.name = name
        self.severity = severity
        self.outcome = outcome
        self.failing = failing
        self.message = message
        self.samples = samples
        self.milliseconds = milliseconds
        self.measurement = measurement
    }

    /// Whether it keeps a batch from being published.
    public var isRefusing: Bool { outcome.isBad && severity == .block }
}

extension Check.Limits {
    /// `warn above 1%, block above 5%`
    public var text: String {
        [warn.map { "warn above \($0.text)" }, block.map { "block above \($0.text)" }]
            .compactMap(\.self).joined(separator: ", ")
    }
}
