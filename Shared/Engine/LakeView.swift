public import Pipelines

/// A dataset's objects of one zone as a table for questions.
public struct LakeView: Sendable {
    /// `landing`, `working` or `processed`.
    private let zone: String
    private let pipeline: String
    private let dataset: Dataset
    /// Absolute paths.
    public let files: [String]

    public init(zone: String, pipeline: String, dataset: Dataset, files: [String]) {
        self.zone = zone
        self.pipeline = pipeline
        self.dataset = dataset
        self.files = files
    }

    /// Statements that make the zone's catalog; for each zone once, before its views.
    public static func zone(_ name: String) -> String {
        "ATTACH ':memory:' AS \(DuckDBDialect.identifier(name));"
    }

    /// Statements that make it.
    public var sql: String {
        let schema = [zone, pipeline].map(DuckDBDialect.identifier).joined(separator: ".")
        return """
            CREATE SCHEMA IF NOT EXISTS \(schema);
            CREATE VIEW \(schema).\(DuckDBDialect.identifier(dataset.name)) AS \(select);
            """
    }

    private var select: String {
        if files.isEmpty { return "SELECT \(empty) WHERE false" }
        return zone == "processed" ? typed : lines
    }

    /// The day in an object's key, which stands beside the columns as a partition does.
    private var day: String {
        let name = dataset.column("date") == nil ? "date" : "_date"
        return "CAST(regexp_extract(_path, '/date=([0-9-]{10})/[^/]*$', 1) AS DATE) AS \(name)"
    }

    private var paths: String { "[\(DuckDBDialect.literals(files))]" }

    private var typed: String {
        """
        SELECT * EXCLUDE (_path), parse_filename(_path, true) AS _batch, \(day)
        FROM \(DuckDBDialect.parquet(files, "union_by_name = true", "filename = '_path'"))
        """
    }

    /// Raw text, whatever the format is: no reading of it may fail here.
    private var lines: String {
        """
        SELECT parse_filename(_path) AS _object, line
        FROM read_csv(\(paths), auto_detect = false, hive_partitioning = false, header = false, \
        columns = {'line': 'VARCHAR'}, delim = chr(1), quote = '', escape = '', \
        strict_mode = false, max_line_size = \(CSVScanner.recordLimit), \
        buffer_size = \(2 * CSVScanner.recordLimit), filename = '_path')
        """
    }

    private var empty: String {
        guard zone == "processed" else {
            return "CAST(NULL AS VARCHAR) AS _object, CAST(NULL AS VARCHAR) AS line"
        }
        let columns = dataset.columns.map {
            "CAST(NULL AS \(DuckDBDialect.type($0.type))) AS \(DuckDBDialect.identifier($0.name))"
        }
        return columns.joined(separator: ", ")
    }
}
