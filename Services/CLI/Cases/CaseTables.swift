import Engine
import Pipelines
import Postgres

/// SQL that makes the tables of a case from its batches, by the same rules as the loader's merge.
struct CaseTables {
    let pipeline: Pipeline

    /// The rows of one batch, as a check of staging sees them.
    static func batch(_ number: Int, _ dataset: Dataset) -> String {
        quotedIdentifier("batch_\(number)_\(dataset.name)")
    }

    /// Makes the rows of one batch. Without a file there are none.
    static func create(_ number: Int, _ dataset: Dataset, from path: String?) -> String {
        let table = batch(number, dataset)
        let columns = dataset.columns.map { column in
            "\(quotedIdentifier(column.name)) \(DuckDBEngine.typeName(column.type))"
        }
        let place = dataset.numbersRecords ? ["_record BIGINT"] : []
        let lists = dataset.childTables.map { child in
            "\(quotedIdentifier(child.holder)) \(DuckDBEngine.typeName(of: child))"
        }
        let all = columns + lists + place + ["_object INTEGER", "_line BIGINT"]
        let empty = "CREATE TABLE \(table) (\(all.joined(separator: ", ")));\n"
        guard let path else { return empty }
        let known = dataset.columns.map(\.name) + dataset.childTables.map(\.holder)
        let names = (known + ["_record", "_object", "_line"]).map(literal)
        return empty + """
            INSERT INTO \(table) BY NAME
            SELECT COLUMNS(lambda c: c IN (\(names.joined(separator: ", "))))
            FROM read_parquet(\(literal(path)), hive_partitioning = false);

            """
    }

    /// Makes the table of a dataset from batches, in the order of arrival.
    func table(of dataset: Dataset, batches: [Int]) -> String {
        let names =
            dataset.columns.map { quotedIdentifier($0.name) }
            + (dataset.numbersRecords ? ["_record"] : [])
            + (dataset.columns.isEmpty ? ["_line"] : [])
        let all = batches.map { number in
            "SELECT \(number) AS _batch, rowid AS _row, * FROM \(Self.batch(number, dataset))"
        }
        let rows =
            all.isEmpty
            ? "SELECT 0 AS _batch, 0 AS _row, * FROM \(Self.batch(0, dataset)) WHERE false"
            : all.joined(separator: " UNION ALL ")
        let table = pipeline.qualifiedTable(dataset.name)
        let own = """
            CREATE OR REPLACE TABLE \(table) AS
            SELECT \((names + history(dataset)).joined(separator: ", "))
            FROM (\(rows)) AS arrived \(rule(dataset, rows))
            ORDER BY _batch, _row;

            """
        let kept = "SELECT * FROM (\(rows)) AS arrived \(rule(dataset, rows))"
        return own + dataset.childTables.map { elements(of: $0, dataset, kept) }.joined()
    }

    /// Makes the table of a child from the rows that stay.
    private func elements(of child: Child, _ dataset: Dataset, _ rows: String) -> String {
        let table = dataset.table(of: child)
        let list = quotedIdentifier(child.holder)
        let columns = table.columns.map { column -> String in
            let name = quotedIdentifier(column.name)
            let isOwn = child.columns.contains { $0.name == column.name }
            return isOwn ? "\(list)[_position].\(name) AS \(name)" : name
        }
        return """
            CREATE OR REPLACE TABLE \(pipeline.qualifiedTable(table.name)) AS
            SELECT \(columns.joined(separator: ", ")) FROM (
            SELECT *, unnest(range(1, len(\(list)) + 1)) AS _position FROM (\(rows)))
            ORDER BY _batch, _row, _position;

            """
    }

    /// Which of the rows that arrived stay.
    private func rule(_ dataset: Dataset, _ rows: String) -> String {
        let load = dataset.load
        let keys = load.key.map(quotedIdentifier).joined(separator: ", ")
        let deletes = load.deleteWhen.map { "coalesce((\($0)), false)" } ?? "false"
        switch load.mode {
        case .append: return ""
        case .merge:
            // On a tie the row stays that the table has; but a deletion wins.
            let order =
                load.newestBy.map { "\(quotedIdentifier($0)) DESC, \(deletes) DESC, _batch, _row" }
                ?? "_batch DESC, _row DESC"
            return """
                QUALIFY row_number() OVER (PARTITION BY \(keys) ORDER BY \(order)) = 1
                AND NOT \(deletes)
                """
        case .replace:
            return """
                WHERE (_batch, _object) = (SELECT max((_batch, _object)) FROM (\(rows)) AS latest)
                """
        case .scd2:
            let time = quotedIdentifier(load.newestBy ?? "")
            let last =
                "row_number() OVER (PARTITION BY \(keys), \(time) ORDER BY _batch DESC, _row DESC)"
            return "QUALIFY \(last) = 1"
        }
    }

    private func history(_ dataset: Dataset) -> [String] {
        guard dataset.load.mode == .scd2, let newest = dataset.load.newestBy else { return [] }
        let time = quotedIdentifier(newest)
        let keys = dataset.load.key.map(quotedIdentifier).joined(separator: ", ")
        let next = "lead(\(time)) OVER (PARTITION BY \(keys) ORDER BY \(time))"
        return [
            "\(time) AS _valid_from", "\(next) AS _valid_to", "\(next) IS NULL AS _is_current",
        ]
    }

    /// A text as SQL says it.
    static func literal(_ text: String) -> String {
        "'\(text.replacing("'", with: "''"))'"
    }
}
