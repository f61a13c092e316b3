import Pipelines

/// The script that says of each field what its values are like: casts are the engine's own, so what
/// is counted here is what a dataset of that type would take.
struct SurveyScript {
    /// Parquet with each field's values as texts, in columns `f0`, `f1`, ….
    let texts: String
    /// Where a JSON object for each field goes.
    let target: String
    let limits: EngineLimits

    /// What files write where there is no value.
    private static let nulls = [
        "", "na", "n/a", "null", "none", "nan", "nil", "nat", "\\n", "#n/a", "-", "--", "?",
    ]

    var text: String {
        let nulls = DuckDBDialect.literals(Self.nulls)
        return """
            SET TimeZone = 'UTC';
            SET threads = \(limits.threads);
            SET memory_limit = '\(limits.memoryMegabytes)MiB';
            CREATE TABLE texts AS SELECT * EXCLUDE (_object, _line)
            FROM \(DuckDBDialect.parquet([texts]));
            CREATE TABLE vals AS SELECT field, trim(v, E' \\t\\n\\r\\f\\x0B') AS t,
            CAST(count(*) AS BIGINT) AS n
            FROM (UNPIVOT texts ON COLUMNS(*) INTO NAME field VALUE v) GROUP BY ALL;
            CREATE TABLE filled AS SELECT * FROM vals WHERE lower(t) NOT IN (\(nulls));
            CREATE TABLE none AS SELECT field, list(t ORDER BY t) AS nulls
            FROM vals WHERE lower(t) IN (\(nulls)) AND t <> '' GROUP BY field;
            CREATE TABLE dated AS SELECT DISTINCT field FROM (SELECT field, t,
            row_number() OVER (PARTITION BY field ORDER BY n DESC, t) AS place FROM filled)
            WHERE place <= 100 AND length(t) < 50 AND regexp_matches(t, '[0-9]{2}') AND (\(isTime));
            CREATE TABLE timed AS SELECT field, [\(patterns)] AS patterns FROM filled
            WHERE field IN (SELECT field FROM dated) GROUP BY field;
            COPY (SELECT facts.*, nulls, patterns FROM (SELECT field, \(facts)
            FROM filled GROUP BY field) AS facts
            LEFT JOIN none USING (field) LEFT JOIN timed USING (field))
            TO \(DuckDBDialect.literal(target)) (FORMAT json);
            """
    }

    private var facts: String {
        let whole = "regexp_full_match(t, '[+-]?[0-9]+')"
        let number = "regexp_full_match(t, '[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?')"
        let truth = [
            "lower(t) IN ('true', 't', 'yes', 'y')", "lower(t) IN ('false', 'f', 'no', 'n')",
        ]
        return [
            count("filled", "true"), "count(*) AS \"distinct\"", count("whole", whole),
            count("bigint", "\(whole) AND \(value(.bigint)) IS NOT NULL"), count("number", number),
            count("zeros", "regexp_full_match(t, '[+-]?0[0-9]+(\\.[0-9]*)?')"),
            count("decimal", "\(value(.decimal)) IS NOT NULL"),
            "max(length(regexp_replace(t, '[eE].*|[^0-9]', '', 'g'))) FILTER (\(number)) AS digits",
            "max(length(regexp_extract(t, '\\.([0-9]*)', 1))) FILTER (\(number)) AS scale",
            count("truth", truth.joined(separator: " OR ")), count("yes", truth[0]),
            count("no", truth[1]), count("truthWords", "lower(t) IN ('true', 'false')"),
            count("date", "\(value(.date)) IS NOT NULL"),
            count("timestamp", "\(value(.timestamp)) IS NOT NULL"),
            count("timestamptz", "\(value(.timestamptz)) IS NOT NULL"),
            "max(length(t)) AS longest", "left(arg_max(t, n), 80) AS example",
            "left(arg_max(t, n) FILTER (NOT \(number)), 80) AS odd",
        ].joined(separator: ",\n")
    }

    private func count(_ name: String, _ condition: String) -> String {
        "CAST(coalesce(sum(n) FILTER (\(condition)), 0) AS BIGINT) AS \"\(name)\""
    }

    private var patterns: String {
        TimePattern.all.map {
            "CAST(coalesce(sum(n) FILTER (\(value($0.type, $0.pattern)) IS NOT NULL), 0) AS BIGINT)"
        }.joined(separator: ", ")
    }

    private var isTime: String {
        TimePattern.all.map { "\(value($0.type, $0.pattern)) IS NOT NULL" }
            .joined(separator: " OR ")
    }

    private func value(_ type: ColumnType, _ format: String? = nil) -> String {
        let column = Column(name: "t", field: "t", type: type, formats: format.map { [$0] } ?? [])
        return DuckDBCast(column: column).value(of: "t")
    }
}
