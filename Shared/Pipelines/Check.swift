/// A rule about the data of a table.
public struct Check: Codable, Sendable, Equatable {
    /// What a failure means.
    public enum Severity: String, Codable, Sendable, CaseIterable {
        /// The batch is not published. Looked at in staging.
        case block
        /// The rows that fail become rejects, and the others are published. Looked at while the
        /// batch is staged.
        case quarantine
        /// An alert.
        case warn
    }

    /// What a check looks at.
    public enum Scope: String, Codable, Sendable, CaseIterable {
        /// A batch's rows, in staging.
        case batch
        /// The rows that readers see.
        case table
    }

    /// How much of what is measured is borne: one measurement, up to two severities.
    public struct Limits: Codable, Sendable, Equatable {
        /// More is an alert.
        public var warn: Tolerance?
        /// More, and the batch is not published.
        public var block: Tolerance?

        public init(warn: Tolerance? = nil, block: Tolerance? = nil) {
            self.warn = warn
            self.block = block
        }
    }

    /// Unique in its table, e.g. `not_null(review_id)` or the given name.
    public var name: String
    public var rule: Rule
    /// The highest that a failure can have.
    public var severity: Severity
    /// Nil where nothing is borne.
    public var limits: Limits?
    /// As it was written; nil where it follows from the rest.
    public var ownScope: Scope?

    public init(
        name: String, rule: Rule, severity: Severity, limits: Limits? = nil, scope: Scope? = nil
    ) {
        self.name = name
        self.rule = rule
        self.severity = severity
        self.limits = limits
        ownScope = scope
    }

    private enum CodingKeys: String, CodingKey {
        case name, rule, severity, limits
        case ownScope = "scope"
    }

    /// What the check of a dataset looks at.
    public var scope: Scope {
        if let ownScope { return ownScope }
        return severity == .warn && !rule.isAboutBatches ? .table : .batch
    }

    /// The severity of what was measured; nil where it is borne.
    ///
    /// - Parameter whole: What shares are shares of, e.g. all rows.
    public func breach(_ value: Double, of whole: Double) -> Severity? {
        guard let limits else { return value > 0 ? severity : nil }
        if let block = limits.block, !block.allows(value, of: whole) { return .block }
        if let warn = limits.warn, !warn.allows(value, of: whole) { return .warn }
        return nil
    }
}
