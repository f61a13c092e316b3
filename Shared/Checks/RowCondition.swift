public import Pipelines
import Postgres

/// The rules about single rows as a condition that a failing row meets.
public enum RowCondition {
    /// Nil where the rule is not about single rows.
    ///
    /// - Parameters:
    ///   - row: What the table is called, e.g. `row_at_hand`.
    ///   - parameters: What is bound already; the condition's values follow.
    public static func sql(
        _ rule: Check.Rule, row: String, binding parameters: inout [String?]
    ) -> String? {
        func name(_ column: String) -> String { "\(row).\(quotedIdentifier(column))" }
        switch rule {
        case .notNull(let column):
            return "\(name(column)) is null"
        case .range(let column, let minimum, let maximum):
            return outside(
                name(column), minimum.map { bind($0, &parameters) },
                maximum.map { bind($0, &parameters) })
        case .acceptedValues(let column, let values):
            parameters.append(array(values))
            return "\(name(column))::text <> all ($\(parameters.count)::text[])"
        case .regex(let column, let pattern):
            if let prefix = LiteralPattern.prefix(of: pattern) {
                parameters.append(prefix)
                return "not starts_with(\(name(column))::text, $\(parameters.count)::text)"
            }
            parameters.append(pattern)
            return "\(name(column))::text !~ $\(parameters.count)::text"
        case .length(let column, let minimum, let maximum):
            return outside(
                "char_length(\(name(column))::text)", minimum.map(String.init),
                maximum.map(String.init))
        case .unique, .reference, .functionalDependency, .schema, .rowCount, .rowCountChange,
            .anomaly, .reconcile, .freshness, .sql:
            return nil
        }
    }

    private static func outside(_ value: String, _ minimum: String?, _ maximum: String?) -> String {
        let sides = [minimum.map { "\(value) < \($0)" }, maximum.map { "\(value) > \($0)" }]
            .compactMap(\.self)
        return sides.isEmpty ? "false" : sides.joined(separator: " or ")
    }

    /// A number is compared as one, whatever the column's width; a time as the column's type.
    private static func bind(_ limit: String, _ parameters: inout [String?]) -> String {
        parameters.append(limit)
        let isNumber = Double(limit)?.isFinite == true
        return "$\(parameters.count)\(isNumber ? "::numeric" : "")"
    }

    static func array(_ values: [String]) -> String {
        let quoted = values.map { value in
            let escaped = value.flatMap { $0 == "\\" || $0 == "\"" ? "\\\($0)" : String($0) }
            return "\"\(String(escaped))\""
        }
        return "{\(quoted.joined(separator: ","))}"
    }
}
