/// An analytics table computed in the warehouse; replaced as a whole on each refresh.
public struct Model: Codable, Sendable, Equatable {
    public var name: String
    /// One SELECT in the warehouse's dialect. `{{name}}` of a parameter is a bound-safe literal;
    /// `{{dataset}}` and `{{model}}` names are quoted tables.
    public var sql: String
    /// Datasets and models that it reads.
    public var dependsOn: [String]
    /// The columns that name a row; checked unique on each refresh. May be empty.
    public var key: [String]
    public var checks: [Check]

    public init(name: String, sql: String, dependsOn: [String], key: [String], checks: [Check]) {
        self.name = name
        self.sql = sql
        self.dependsOn = dependsOn
        self.key = key
        self.checks = checks
    }
}
