/// The script that makes one Parquet file of the rejects' files.
struct DuckDBRejects {
    let files: [String]
    let target: String

    var text: String {
        """
        SET threads = 1;
        COPY (SELECT * FROM read_csv([\(DuckDBDialect.literals(files))], auto_detect = false, \
        hive_partitioning = false, header = false, \
        delim = ',', quote = '"', escape = '"', new_line = '\\n', \
        nullstr = '\\N', allow_quoted_nulls = false, strict_mode = true, \
        max_line_size = 4194304, buffer_size = 8388608, \
        columns = {'object': 'INTEGER', 'line': 'BIGINT', 'column': 'VARCHAR', \
        'reason': 'VARCHAR', 'message': 'VARCHAR', 'raw': 'VARCHAR', 'stage': 'VARCHAR', \
        'value': 'VARCHAR'}) \
        ORDER BY object, line NULLS FIRST) \
        TO \(DuckDBDialect.literal(target)) (FORMAT parquet, COMPRESSION zstd);
        """
    }
}
