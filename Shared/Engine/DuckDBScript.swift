import Pipelines

/// The one script that does a job: reads, casts, checks, runs the dataset's own SELECT, keeps the
/// newest of each key, writes Parquet and tells the counts.
///
/// It says on its output what it is about to do (`reading 3`, `selecting`, `writing`), so that an
/// error can be laid at the right door, and then the counts of each object.
struct DuckDBScript {
    let job: TransformJob
    let plans: [ObjectPlan]
    let limits: EngineLimits
    /// The file of the key for what is hashed; nil where nothing is.
    var keyFile: String?

    /// Where the script leaves the records that it rejected.
    var rejectedPath: String { "\(job.scratch)/\(Self.rejectedName)" }
    static let rejectedName = "rejected.csv"

    private var columns: [Column] { job.dataset.columns }
    private var keys: [String] { job.dataset.load.rowKey }
    private var children: [DuckDBChildren.Part] { DuckDBChildren(job: job).parts }
    private var names: String {
        let added = children.map(\.holder) + (job.dataset.numbersRecords ? [Self.record] : [])
        return (columns.map { DuckDBDialect.identifier($0.name) } + added).joined(separator: ", ")
    }
    private static let record = DuckDBDialect.identifier(Child.record.name)

    /// The whole text.
    var text: String {
        let reads = plans.compactMap(read)
        let personal = DuckDBPersonal(dataset: job.dataset, keyFile: keyFile)
        let misfits = Oddities.statement(job)
        return
            ([personal.statements, settings, table] + reads + [
                personal.end, misfits, rejects, selection, newest, output, counts,
            ])
            .joined(separator: "\n")
    }

    private var settings: String {
        let reads = plans.filter { $0.refusal == nil }.map(\.readPath)
        let files = reads + [job.processed, rejectedPath]
        return """
            SET TimeZone = 'UTC';
            SET threads = \(limits.threads);
            SET memory_limit = '\(limits.memoryMegabytes)MiB';
            SET temp_directory = \(DuckDBDialect.literal("\(job.scratch)/spill"));
            SET preserve_insertion_order = true;
            SET autoinstall_known_extensions = false;
            SET autoload_known_extensions = false;
            SET allowed_paths = [\(DuckDBDialect.literals(files))];
            SET allowed_directories = [\(DuckDBDialect.literal("\(job.scratch)/spill"))];
            SET enable_external_access = false;
            SET lock_configuration = true;
            """
    }

    private var table: String {
        let typed =
            columns.indices.map { "t\($0) \(DuckDBDialect.type(columns[$0].type))" }
            + children.map { "\($0.column) \($0.type)" }
        return """
            CREATE TABLE records (object INTEGER, line BIGINT, start BIGINT, length BIGINT, \
            fault INTEGER, value VARCHAR, raw VARCHAR, \(typed.joined(separator: ", ")), \
            odd STRUCT(c INTEGER, v VARCHAR)[]);
            """
    }

    private func read(_ plan: ObjectPlan) -> String? {
        DuckDBRead(plan: plan, job: job).sql.map {
            "SELECT 'reading \(plan.index)';\n\($0)"
        }
    }

    /// The rows of one object follow one another in the table, so that a row's number tells its
    /// place in the object.
    private var rejects: String {
        """
        SELECT 'sorting';
        CREATE TABLE objects AS SELECT object, min(rowid) AS first, count(*) AS read, \
        count(fault) AS rejected FROM records GROUP BY object;
        COPY (SELECT object, r.rowid - first, line, start, length, fault, value, raw \
        FROM records r JOIN objects USING (object) WHERE fault IS NOT NULL ORDER BY r.rowid) \
        TO \(DuckDBDialect.literal(rejectedPath)) \
        (FORMAT csv, HEADER false, NULLSTR '\\N', FORCE_QUOTE (value, raw));
        CREATE VIEW input AS SELECT \(declared.isEmpty ? "" : renamed(declared) + ", ")\
        object AS _object, \
        coalesce(line, r.rowid - first + 2) AS _line \
        FROM records r JOIN objects USING (object) WHERE fault IS NULL;
        """
    }

    private var declared: Range<Int> { job.declared.indices }

    private func renamed(_ indices: Range<Int>) -> String {
        indices.map { "t\($0) AS \(DuckDBDialect.identifier(columns[$0].name))" }
            .joined(separator: ", ")
    }

    /// What rows have beside their columns, where records are joined with their objects.
    private var beside: [String] {
        children.map { "\($0.column) AS \($0.holder)" }
            + (job.dataset.numbersRecords ? ["r.rowid - first + 1 AS \(Self.record)"] : [])
    }

    private var selection: String {
        guard let own = job.dataset.transform else {
            let lists = children.map { ", \($0.column) AS \($0.holder)" }.joined()
            return "CREATE VIEW selected AS SELECT rowid AS _row, \(renamed(columns.indices))"
                + "\(lists), object AS _object FROM records WHERE fault IS NULL;"
        }
        let sql = SQLTemplate(own).filled { _ in "input" }.trimmed
        let statement = sql.hasSuffix(";") ? String(sql.dropLast()) : sql
        let typed = job.declared.map {
            let name = DuckDBDialect.identifier($0.name)
            return "CAST(\(name) AS \(DuckDBDialect.type($0.type))) AS \(name)"
        }
        return """
            SELECT 'selecting';
            CREATE TABLE rows AS SELECT \(typed.joined(separator: ", ")), \
            CAST(_object AS INTEGER) AS _object, CAST(_line AS BIGINT) AS _line FROM (
            \(statement)
            ) ORDER BY _object, _line;
            SELECT CASE WHEN count(*) > count(DISTINCT (_object, _line)) \
            OR count(_object) < count(*) OR count(_line) < count(*) \
            THEN error('it gives more rows than it got, or loses their `_object` or `_line`') \
            ELSE 'selected' END FROM rows;
            \(selected)
            """
    }

    /// New columns and children go around the dataset's own SELECT, which does not know them.
    private var selected: String {
        let new = job.newColumns.indices
        let around = (new.isEmpty ? [] : [renamed(new)]) + beside
        guard !around.isEmpty else {
            return "CREATE VIEW selected AS SELECT rowid AS _row, * FROM rows;"
        }
        return """
            CREATE TABLE selected AS SELECT s.rowid AS _row, s.*, \
            \(around.joined(separator: ", ")) FROM rows s \
            JOIN objects ON s._object = objects.object \
            JOIN records r ON r.object = s._object AND fault IS NULL \
            AND coalesce(line, r.rowid - first + 2) = s._line ORDER BY s.rowid;
            """
    }

    /// Later rows of the table come from a later object or a later line: they win a tie.
    private var newest: String {
        guard !keys.isEmpty else {
            return "CREATE VIEW kept AS SELECT _row FROM selected\(whole);"
        }
        let key = keys.map(DuckDBDialect.identifier).joined(separator: ", ")
        let rank =
            job.dataset.load.newestBy.map(DuckDBDialect.identifier)
            .map { "known := \($0) IS NOT NULL, newest := \($0), " } ?? ""
        return """
            SELECT 'deduplicating';
            CREATE TABLE kept AS SELECT arg_max(_row, struct_pack(\(rank)place := _row)) AS _row \
            FROM selected\(whole) GROUP BY \(key);
            """
    }

    /// Where each object is all there is, only the last of them that has rows counts.
    private var whole: String {
        job.dataset.load.mode == .replace
            ? " WHERE _object = (SELECT max(_object) FROM selected)" : ""
    }

    private var output: String {
        let path = DuckDBDialect.literal(job.processed)
        // In the order of the key the warehouse's merge is a third faster, and the same rows
        // give the same file.
        let order =
            keys.isEmpty ? "_row" : keys.map(DuckDBDialect.identifier).joined(separator: ", ")
        return """
            SELECT 'writing';
            COPY (SELECT \(names), _object, _line FROM (\(source)) WHERE _row IN \
            (SELECT _row FROM kept) ORDER BY \(order)) TO \(path) \
            (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 20480);
            """
    }

    private var source: String {
        guard job.dataset.transform == nil else { return "SELECT * FROM selected" }
        let own = ([renamed(columns.indices)] + beside).joined(separator: ", ")
        return """
            SELECT r.rowid AS _row, \(own), object AS _object, \
            coalesce(line, r.rowid - first + 2) AS _line \
            FROM records r JOIN objects USING (object)
            """
    }

    /// What each object has left at each stage; the last from the written file itself.
    private var counts: String {
        """
        SELECT 'counting';
        SELECT concat_ws(' ', 'object', object, read, rejected, coalesce(selected, 0), \
        coalesce(kept, 0)) FROM objects \
        LEFT JOIN (SELECT _object AS object, count(*) AS selected FROM selected GROUP BY _object) \
        USING (object) \
        LEFT JOIN (SELECT _object AS object, count(*) AS kept \
        FROM \(DuckDBDialect.parquet([job.processed])) GROUP BY _object) \
        USING (object) ORDER BY object;
        \(children.map(counts).joined(separator: "\n"))
        \(DuckDBInference.statement(job))
        SELECT 'done';
        """
    }

    /// The same of a child's elements, which share the fate of their records.
    private func counts(_ child: DuckDBChildren.Part) -> String {
        func left(_ source: String) -> String {
            "(SELECT _object AS object, sum(len(\(child.holder))) AS rows FROM \(source) "
                + "GROUP BY _object)"
        }
        return """
            SELECT concat_ws(' ', 'child', \(child.index), object, r.read, r.rejected, \
            coalesce(s.rows, 0), coalesce(k.rows, 0)) FROM (SELECT object, \
            coalesce(sum(len(\(child.column))), 0) AS read, \
            coalesce(sum(len(\(child.column))) FILTER (fault IS NOT NULL), 0) AS rejected \
            FROM records GROUP BY object) AS r LEFT JOIN \(left("selected")) AS s USING (object) \
            LEFT JOIN \(left(DuckDBDialect.parquet([job.processed]))) AS k \
            USING (object) ORDER BY object;
            """
    }
}

extension ObjectPlan {
    /// The file that the engine's program reads.
    fileprivate var readPath: String {
        if case .prepared(let path) = reading { path } else { path }
    }
}
