import Pipelines
import Postgres

/// One statement that answers many checks of a table: rules about rows, measures, sums, and
/// references by joins.
struct TableScan {
    let target: CheckTarget
    private(set) var parameters: [String?] = []
    private var columns = ["count(*) as rows"]
    private var joins: [String] = []

    init(_ target: CheckTarget) {
        self.target = target
    }

    var statement: CheckSQL.Statement {
        CheckSQL.Statement(
            sql: "select " + columns.joined(separator: ",\n    ")
                + "\nfrom \(target.table) as row_at_hand" + joins.joined(),
            parameters: parameters)
    }

    /// Adds what a check asks for: `value_NUMBER`, and `other_NUMBER` for the second of two sides.
    ///
    /// - Returns: False for what needs a statement of its own.
    mutating func add(_ rule: Check.Rule, _ number: Int) -> Bool {
        if let condition = RowCondition.sql(rule, row: "row_at_hand", binding: &parameters) {
            add("count(*) filter (where \(condition))", number)
            return true
        }
        switch rule {
        case .rowCount, .rowCountChange: return true
        case .anomaly(let anomaly):
            guard let measure = Self.measure(anomaly) else { return false }
            add(measure, number)
        case .reconcile(let sides):
            add(sides.sum.map { "sum(\(Self.name($0)))" } ?? "count(*)", number)
            columns.append("(\(other(sides))) as other_\(number)")
        case .reference(let column, let to, let toColumn):
            // A batch that refers to its own dataset has two tables to look into.
            guard to != target.name else { return false }
            join(column, to, toColumn, number)
        default: return false
        }
        return true
    }

    private mutating func add(_ value: String, _ number: Int) {
        columns.append("\(value) as value_\(number)")
    }

    private mutating func join(_ column: String, _ to: String, _ toColumn: String, _ number: Int) {
        let table = target.pipeline.qualifiedTable(to)
        let key = quotedIdentifier(toColumn)
        // A key names one row; of another column each value is to be there once.
        let other =
            target.pipeline.hasKey(toColumn, in: to)
            ? table : "(select distinct \(key) from \(table))"
        joins.append(
            "\nleft join \(other) as other_\(number)"
                + " on other_\(number).\(key) = \(Self.name(column))")
        add(
            "count(*) filter (where \(Self.name(column)) is not null"
                + " and other_\(number).\(key) is null)", number)
    }

    private mutating func other(_ sides: Reconciliation) -> String {
        if let table = sides.to {
            let value = sides.toColumn.map { "sum(\(quotedIdentifier($0)))" } ?? "count(*)"
            return "select \(value) from \(target.pipeline.qualifiedTable(table))"
        }
        if let records = target.records { return "select \(records)" }
        parameters += [target.pipeline.name, target.name]
        return "select coalesce(sum(read), 0) from millrace.ledger"
            + " where pipeline = $\(parameters.count - 1) and dataset = $\(parameters.count)"
    }

    /// Nil for what would sort the table inside of a scan.
    static func measure(_ anomaly: Anomaly) -> String? {
        let column = anomaly.column.map(name) ?? "null"
        return switch anomaly.metric {
        case .rowCount: "count(*)"
        case .nullRate: "count(*) filter (where \(column) is null)::float8 / nullif(count(*), 0)"
        case .distinctCount: nil
        case .mean: "avg(\(column))::float8"
        case .sum: "sum(\(column))::float8"
        case .min: "min(\(column))::float8"
        case .max: "max(\(column))::float8"
        case .stddev: "stddev_samp(\(column))::float8"
        }
    }

    private static func name(_ column: String) -> String {
        "row_at_hand.\(quotedIdentifier(column))"
    }
}

extension Pipeline {
    /// Whether a column alone is the key of a merged dataset or of a model.
    fileprivate func hasKey(_ column: String, in table: String) -> Bool {
        if let dataset = dataset(table) {
            return dataset.load.mode == .merge && dataset.load.key == [column]
        }
        return false
    }
}
