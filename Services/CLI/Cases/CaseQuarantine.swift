import Checks
import Engine
import Pipelines
import Postgres

/// SQL that takes the rows out of a case's batch that break a check of severity `quarantine`, by
/// the same rules as the loader.
struct CaseQuarantine {
    let pipeline: Pipeline
    let dataset: Dataset
    /// The batch's.
    let number: Int

    /// Makes the table of what is taken out, of all batches.
    static let create = """
        CREATE TABLE quarantined (dataset VARCHAR, batch BIGINT, "check" BIGINT, place BIGINT,
        object INTEGER, line BIGINT, "column" VARCHAR, reason VARCHAR, message VARCHAR);

        """

    /// Writes what was taken out of a dataset's batches as its other rejects are written.
    static func copy(_ dataset: Dataset, to path: String) -> String {
        """
        COPY (SELECT object, line, "column", reason, message FROM quarantined
        WHERE dataset = \(CaseTables.literal(dataset.name))) TO \(CaseTables.literal(path))
        (FORMAT parquet);

        """
    }

    private var table: String { CaseTables.batch(number, dataset) }

    /// Takes the rows out, check by check.
    func sql() throws -> String {
        try dataset.checks.enumerated().filter { $1.severity == .quarantine }.map { index, check in
            let column = check.rule.ownColumn.map(CaseTables.literal) ?? "NULL"
            let reason = CaseTables.literal(check.rule.rejectReason.rawValue)
            let message = CaseTables.literal("the row breaks the check `\(check.name)`")
            return """
                INSERT INTO quarantined SELECT \(CaseTables.literal(dataset.name)), \(number), \
                \(index), rowid, _object, _line, \(column), \(reason), \(message)
                FROM \(table) AS row_at_hand WHERE \(try condition(check.rule));
                DELETE FROM \(table) WHERE rowid IN (SELECT place FROM quarantined
                WHERE \(of(index)));

                """
        }.joined()
    }

    /// How many rows a check has taken out of the batch, as one SELECT.
    func count(_ index: Int) -> String {
        "SELECT count(*) FROM quarantined WHERE \(of(index))"
    }

    private func of(_ index: Int) -> String {
        "dataset = \(CaseTables.literal(dataset.name)) AND batch = \(number) "
            + "AND \"check\" = \(index)"
    }

    private func condition(_ rule: Check.Rule) throws -> String {
        let query = CheckQuery(pipeline: pipeline, table: table)
        switch rule {
        case .unique(let columns):
            let same = columns.map(quotedIdentifier).map { "other.\($0) = row_at_hand.\($0)" }
            // The last of them stays.
            return """
                EXISTS (SELECT 1 FROM \(table) AS other WHERE \(same.joined(separator: " AND "))
                AND (other._object > row_at_hand._object OR other._object = row_at_hand._object
                AND other._line > row_at_hand._line))
                """
        case .reference(let column, let to, let toColumn) where to == dataset.name:
            let published = query.condition(rule) ?? "false"
            return """
                \(published) AND NOT EXISTS (SELECT 1 FROM \(table) AS other
                WHERE other.\(quotedIdentifier(toColumn)) = row_at_hand.\(quotedIdentifier(column)))
                """
        case .sql(let template):
            return written(try pipeline.closedSQL(template, table: table))
        default: return query.condition(rule) ?? "false"
        }
    }

    /// A SELECT gives the rows' places, or their keys.
    private func written(_ query: String) -> String {
        let key = dataset.columns.filter { dataset.load.key.contains($0.name) }
        let wanted =
            [("_object", "INTEGER"), ("_line", "BIGINT")]
            + key.map { ($0.name, DuckDBEngine.typeName($0.type)) }
        let absent = wanted.map { "NULL::\($1) AS \(quotedIdentifier($0))" }
        let names = wanted.map { CaseTables.literal($0.0) }
        let sameKey = key.map {
            "found.\(quotedIdentifier($0.name)) = row_at_hand.\(quotedIdentifier($0.name))"
        }
        let byKey = sameKey.isEmpty ? "false" : sameKey.joined(separator: " AND ")
        return """
            EXISTS (SELECT 1 FROM (SELECT \(absent.joined(separator: ", ")) WHERE false
            UNION ALL BY NAME
            SELECT COLUMNS(lambda c: c IN (\(names.joined(separator: ", ")))) FROM (\(query)
            )) AS found WHERE CASE WHEN found._line IS NULL THEN \(byKey)
            ELSE found._object = row_at_hand._object AND found._line = row_at_hand._line END)
            """
    }
}
