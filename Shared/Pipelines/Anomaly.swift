/// A measure of a table that is compared with what it was before.
public struct Anomaly: Codable, Sendable, Equatable {
    /// What is measured.
    public enum Metric: String, Codable, Sendable, CaseIterable {
        case rowCount = "row_count"
        case nullRate = "null_rate"
        case distinctCount = "distinct_count"
        case mean, sum, min, max, stddev

        /// Whether it is one of a column.
        public var needsColumn: Bool { self != .rowCount }
        /// Whether the column's values must be numbers.
        public var needsNumbers: Bool { ![.rowCount, .nullRate, .distinctCount].contains(self) }
    }

    /// Which of the earlier values are like the one at hand.
    public enum Season: String, Codable, Sendable, CaseIterable {
        case none
        /// Those of the same day of the week.
        case weekday
        /// Those of the same hour of the day.
        case hour
        case weekdayHour = "weekday_hour"
    }

    public var metric: Metric
    public var column: String?
    public var season: Season
    /// IANA's name of the zone whose days and hours the season means.
    public var timeZone: String
    /// With fewer earlier values nothing is said.
    public var leastHistory: Int
    /// The latest so many earlier values count.
    public var mostHistory: Int

    public init(
        metric: Metric, column: String? = nil, season: Season = .none, timeZone: String = "UTC",
        leastHistory: Int = 8, mostHistory: Int = 30
    ) {
        self.metric = metric
        self.column = column
        self.season = season
        self.timeZone = timeZone
        self.leastHistory = leastHistory
        self.mostHistory = mostHistory
    }

    /// `mean(price)`
    public var title: String {
        metric.rawValue + (column.map { "(\($0))" } ?? "")
    }

    /// Robust deviations that are borne where nothing is said.
    static let usualLimit = Tolerance.amount(5)
}

/// What a table's rows, or the sum of a column, must agree with.
public struct Reconciliation: Codable, Sendable, Equatable {
    /// The column whose sum is compared; nil for the count of rows.
    public var sum: String?
    /// A dataset or model; nil for the records that the source has delivered.
    public var to: String?
    /// The column of `to` whose sum is compared.
    public var toColumn: String?

    public init(sum: String? = nil, to: String?, toColumn: String? = nil) {
        self.sum = sum
        self.to = to
        self.toColumn = toColumn
    }

    /// The other side, for people.
    public var target: String { (to ?? "source") + (toColumn.map { ".\($0)" } ?? "") }
}
