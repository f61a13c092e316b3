import Pipelines

/// The statement that reads one object, casts its values and marks the first fault of each record.
struct DuckDBRead {
    let plan: ObjectPlan
    let job: TransformJob
    private var dataset: Dataset { job.dataset }

    /// Nil for an object that is refused.
    var sql: String? {
        guard let source else { return nil }
        let columns = dataset.columns
        let casts = columns.indices.map(cast)
        let hidden = columns.enumerated().map {
            DuckDBPersonal.hidden("t\($0)", $1.personal)
        }
        func each(_ expression: (Int) -> String) -> String {
            columns.indices.map(expression).joined(separator: ", ")
        }
        let passed = parts.map { ", \($0.list), \($0.fault)" }.joined()
        let fault =
            (["CASE \(faults(casts)) END"] + parts.map { "\($0.fault).f" }).joined(separator: ", ")
        let kept = hidden + parts.map(DuckDBChildren(job: job).kept)
        let place = "line, start, length"
        return """
            INSERT INTO records
            SELECT \(plan.index), \(place), fault, \(shown), \(raw), \
            \(kept.joined(separator: ", ")), odd FROM (
            SELECT *, coalesce(\(fault)) AS fault, \(odd) AS odd FROM (
            SELECT *, \(each { "\(casts[$0].value(of: "v\($0)")) AS t\($0)" }) FROM (
            SELECT \(place), \(each { "\(casts[$0].text(of: "r\($0)")) AS v\($0)" }), \
            \(each { "r\($0)" })\(passed) FROM (
            \(withChildren(source))))));
            """
    }

    private var parts: [DuckDBChildren.Part] { DuckDBChildren(job: job).parts }

    /// The records with the lists of their elements, read, and the first fault of each list.
    private func withChildren(_ source: String) -> String {
        let children = DuckDBChildren(job: job)
        guard !parts.isEmpty else { return source }
        func each(_ expression: (DuckDBChildren.Part) -> String) -> String {
            parts.map(expression).joined(separator: ", ")
        }
        return """
            SELECT *, \(each(children.fault)) FROM (
            SELECT * REPLACE (\(each(children.typed))) FROM (
            SELECT * REPLACE (\(each(children.values))) FROM (
            SELECT *, \(each(children.texts)) FROM (
            \(source)))))
            """
    }

    /// The text of the value that was at fault.
    private var shown: String {
        let own = dataset.columns.indices.map { "WHEN \($0) THEN left(r\($0), 250)" }
        let others = parts.flatMap { part in
            part.child.columns.indices.map { "WHEN \(part.first + $0) THEN \(part.fault).v" }
        }
        return "CASE fault // 16 \((own + others).joined(separator: " ")) END"
    }

    /// The record itself, where nobody can look it up in the object.
    private var raw: String {
        guard !plan.isText else { return "CAST(NULL AS VARCHAR)" }
        let members = dataset.columns.enumerated().map {
            "\(DuckDBDialect.literal($1.field)), r\($0)"
        }
        return "CASE WHEN fault IS NOT NULL THEN "
            + "left(CAST(json_object(\(members.joined(separator: ", "))) AS VARCHAR), "
            + "\(Rejection.rawLimit)) END"
    }

    private func faults(_ casts: [DuckDBCast]) -> String {
        let tests = casts.enumerated().flatMap { index, cast -> [String] in
            // Without a key there is nothing to merge by.
            let isRequired = cast.column.isRequired || dataset.load.key.contains(cast.column.name)
            let faults = DuckDBFaults(
                cast: cast, raw: "r\(index)", value: "v\(index)", typed: "t\(index)",
                misfit: Leniency(of: index, in: job).fault, isRequired: isRequired)
            return faults.all.map { reason, condition in
                "WHEN \(condition) THEN \(FieldFault.code(column: index, reason))"
            }
        }
        return ([isHeader].compactMap { $0 } + tests).joined(separator: " ")
    }

    /// The test for the header in the middle of a CSV object; our own scanner knows it by itself.
    private var isHeader: String? {
        guard case .csv(_, let header) = plan.reading, let first = header.repeated.first else {
            return nil
        }
        let same = header.repeated.map { "r\($0.column) = \(DuckDBDialect.literal($0.name))" }
        return "WHEN \(same.joined(separator: " AND ")) "
            + "THEN \(FieldFault.code(column: first.column, .malformed))"
    }

    private func cast(_ index: Int) -> DuckDBCast {
        DuckDBCast(
            column: dataset.columns[index], marks: plan.marks,
            declared: job.evolution.widened[index]?.declared)
    }

    /// The values that do not fit and are no fault: the column's index with what to know of it.
    private var odd: String {
        let lenient = dataset.columns.indices.compactMap { index -> (String, String)? in
            let test = "v\(index) IS NOT NULL AND t\(index) IS NULL"
            return Leniency(of: index, in: job).note.map { note in
                (test, "CASE WHEN \(test) THEN {'c': \(index), 'v': \(note)} END")
            }
        }
        guard !lenient.isEmpty else { return "CAST(NULL AS STRUCT(c INTEGER, v VARCHAR)[])" }
        let any = lenient.map(\.0).joined(separator: " OR ")
        return "CASE WHEN \(any) THEN [\(lenient.map(\.1).joined(separator: ", "))] END"
    }

    private var source: String? {
        switch plan.reading {
        case .refused: nil
        case .csv(let format, let header): csv(format, header)
        case .prepared(let path): prepared(path)
        case .parquet(let columns): columns.sql(plan.path)
        }
    }

    private func csv(_ format: CSVFormat, _ header: CSVHeader) -> String {
        let fields = header.names.indices.map { "'f\($0)': 'VARCHAR'" }
        let values = header.positions.enumerated().map { index, position in
            // The reader gives an empty field as null; whether it means null is the column's say.
            "\(position.map { "coalesce(f\($0), '')" } ?? "CAST(NULL AS VARCHAR)") AS r\(index)"
        }
        let limit = CSVScanner.recordLimit
        return """
            SELECT NULL AS line, NULL AS start, NULL AS length, \(values.joined(separator: ", ")) \
            FROM read_csv(\(DuckDBDialect.literal(plan.path)), auto_detect = false, \
            hive_partitioning = false, header = true, \
            delim = \(DuckDBDialect.literal(format.delimiter)), \
            quote = \(DuckDBDialect.literal(format.quote)), \
            escape = \(DuckDBDialect.literal(format.escape)), \
            strict_mode = true, null_padding = false, \
            max_line_size = \(limit), buffer_size = \(2 * limit), \
            columns = {\(fields.joined(separator: ", "))})
            """
    }

    private func prepared(_ path: String) -> String {
        let values =
            dataset.columns.indices.map { "'r\($0)': 'VARCHAR'" }
            + parts.map { "'\($0.source)': 'VARCHAR'" }
        let limit = 4 * CSVScanner.recordLimit
        return """
            SELECT * FROM read_csv(\(DuckDBDialect.literal(path)), auto_detect = false, \
            hive_partitioning = false, header = false, \
            delim = ',', quote = '"', escape = '"', new_line = '\\n', \
            nullstr = '\\N', allow_quoted_nulls = false, strict_mode = true, \
            null_padding = false, max_line_size = \(limit), buffer_size = \(limit), \
            columns = {'line': 'BIGINT', 'start': 'BIGINT', 'length': 'BIGINT', \
            \(values.joined(separator: ", "))})
            """
    }
}
