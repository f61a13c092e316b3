import Pipelines

/// The expressions that read the elements of records: each child is a list in its record's row, so
/// that whatever becomes of a record becomes of its elements.
struct DuckDBChildren {
    let job: TransformJob
    private var dataset: Dataset { job.dataset }

    /// One child with its place among all columns.
    struct Part {
        let index: Int
        let child: Child
        /// The number of its first column, behind those of the record and of the children before.
        let first: Int

        /// Its elements in a record file.
        var source: String { "j\(index)" }
        /// Its elements while they are read.
        var list: String { "k\(index)" }
        /// The first fault of its elements: `f`, a code, and `v`, the value.
        var fault: String { "x\(index)" }
        /// Its elements in the table of records.
        var column: String { "c\(index)" }
        /// Its elements in the processed file.
        var holder: String { DuckDBDialect.identifier(child.holder) }
        var type: String { DuckDBChildren.type(of: child) }
    }

    /// The type of the lists of a child's elements.
    static func type(of child: Child) -> String {
        let fields = child.columns.map {
            "\(DuckDBDialect.identifier($0.name)) \(DuckDBDialect.type($0.type))"
        }
        return "STRUCT(\(fields.joined(separator: ", ")))[]"
    }

    var parts: [Part] {
        var first = dataset.columns.count
        return dataset.childTables.enumerated().map { index, child in
            defer { first += child.columns.count }
            return Part(index: index, child: child, first: first)
        }
    }

    /// The lists of the fields' texts (`r0`…) of a record file's texts.
    func texts(_ part: Part) -> String {
        let shape = part.child.isPlain ? "[\"VARCHAR\"]" : "[[\"VARCHAR\"]]"
        let fields = part.child.columns.indices.map { index in
            "r\(index) := e" + (part.child.isPlain ? "" : "[\(index + 1)]")
        }
        return transform("from_json(\(part.source), '\(shape)')", pack(fields)) + " AS \(part.list)"
    }

    /// The same lists with what the texts are without what means null (`v0`…).
    func values(_ part: Part) -> String {
        mapped(part) {
            "v\($0) := \($1.text(of: "e.r\($0)"))"
        } keeping: {
            ["r\($0)"]
        }
    }

    /// The same lists with the typed values (`t0`…).
    func typed(_ part: Part) -> String {
        mapped(part) {
            "t\($0) := \($1.value(of: "e.v\($0)"))"
        } keeping: {
            ["r\($0)", "v\($0)"]
        }
    }

    /// The first fault of a list.
    func fault(_ part: Part) -> String {
        let cases = part.child.columns.enumerated().flatMap { index, column -> [String] in
            let cast = DuckDBCast(column: column)
            let tests = DuckDBFaults(
                cast: cast, raw: "e.r\(index)", value: "e.v\(index)", typed: "e.t\(index)",
                misfit: "e.v\(index) IS NOT NULL AND e.t\(index) IS NULL",
                isRequired: column.isRequired)
            return tests.all.map { reason, condition in
                let code = FieldFault.code(column: part.first + index, reason)
                return "WHEN \(condition) THEN {'f': \(code), 'v': left(e.r\(index), 250)}"
            }
        }
        guard !cases.isEmpty else { return "{'f': NULL::INTEGER, 'v': ''} AS \(part.fault)" }
        let faults = transform(part.list, "CASE \(cases.joined(separator: " ")) END")
        return "list_filter(\(faults), lambda e: e IS NOT NULL)[1] AS \(part.fault)"
    }

    /// What is kept of a list.
    func kept(_ part: Part) -> String {
        let fields = part.child.columns.enumerated().map { index, column in
            let value = DuckDBPersonal.hidden("e.t\(index)", column.personal)
            return "\(DuckDBDialect.identifier(column.name)) := \(value)"
        }
        return transform(part.list, pack(fields))
    }

    private func mapped(
        _ part: Part, _ field: (Int, DuckDBCast) -> String, keeping kept: (Int) -> [String]
    ) -> String {
        let fields = part.child.columns.enumerated().flatMap { index, column in
            kept(index).map { "\($0) := e.\($0)" } + [field(index, DuckDBCast(column: column))]
        }
        return transform(part.list, pack(fields)) + " AS \(part.list)"
    }

    private func pack(_ fields: [String]) -> String {
        "struct_pack(\(fields.joined(separator: ", ")))"
    }

    private func transform(_ list: String, _ element: String) -> String {
        "list_transform(\(list), lambda e: \(element))"
    }
}
