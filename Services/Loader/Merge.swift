import Postgres
import Warehouse

/// Brings a staging table's rows into the target, and counts what became of them. Use it in one
/// transaction, once.
struct Merge {
    let staging: TableName
    var schema: TableSchema
    let dialect: any WarehouseDialect
    /// What the table is replaced by; nil where it is not replaced, or has a newer extract.
    let extract: Extract?
    /// The rows that a rule of the target refuses.
    private(set) var refused: RefusedRows
    /// By the object's place in the batch.
    private(set) var fates: [Int: Fate] = [:]
    private(set) var childFates = ChildFates()

    /// What became of one object's staged rows.
    struct Fate {
        /// Those that the target has taken, or has newer ones of.
        var staged = 0
        var published = 0
        var refused = 0
    }

    /// As many places as are worth trying again when a row is refused: some thousand rows.
    private static let window = 128 * RowWindow.placesPerBlock

    init(
        staging: TableName, schema: TableSchema, dialect: any WarehouseDialect,
        extract: Extract?, refused: RefusedRows
    ) {
        self.staging = staging
        self.schema = schema
        self.dialect = dialect
        self.extract = extract
        self.refused = refused
    }

    /// Brings in the rows of the entered objects.
    ///
    /// - Parameters:
    ///   - hasRows: False where there is no staging table: a table may still be emptied.
    ///   - isIsolating: Leave out the rows that the target refuses, each on its own.
    /// - Throws: `StagingLost`; without isolating, the error of the first row that is refused.
    mutating func run(
        _ entries: [LedgerEntering.Entry], hasRows: Bool, isIsolating: Bool,
        _ connection: PostgresConnection
    ) async throws {
        let sources = try LedgerEntering.sources(entries, winner: extract?.index)
        do {
            if let extract {
                // A row that is refused must not leave an older one of its key behind.
                let kept = extract.hasRows && !isIsolating ? extract.index : nil
                try await connection.execute(dialect.clear(schema, for: staging, keeping: kept))
                for child in schema.children {
                    try await connection.execute("delete from \(child.schema.table.sql)")
                }
            }
            guard hasRows else { return }
            if isIsolating {
                try await isolate(sources, connection)
            } else {
                let all = try await merge(sources, nil, connection)
                try Self.add(all.rows, to: &fates)
                childFates.add(all.children)
            }
        } catch let error as PostgresError where error.sqlState == "42P01" {
            throw Publishing.StagingLost()
        }
    }

    private mutating func isolate(
        _ sources: String, _ connection: PostgresConnection
    ) async throws {
        let rows = try await connection.query(dialect.places(staging))
        let places = try rows.first?.integer("places") ?? 0
        var (fates, childFates, refused) = (fates, childFates, refused)
        for start in stride(from: 0, to: places, by: Self.window) {
            let window = start..<min(start + Self.window, places)
            try await RowIsolation.run(window, connection) { places in
                let part = try await merge(sources, RowWindow(places), connection)
                try Self.add(part.rows, to: &fates)
                childFates.add(part.children)
            } refuse: { place, error in
                let row = try await row(at: place, error, connection)
                try refused.add(row)
                fates[row.object, default: Fate()].refused += 1
            }
        }
        (self.fates, self.childFates, self.refused) = (fates, childFates, refused)
    }

    private func row(
        at place: Int, _ error: PostgresError, _ connection: PostgresConnection
    ) async throws -> RefusedRow {
        let window = RowWindow(place..<place + 1)
        guard let row = try await connection.query(dialect.rows(window, of: staging)).first else {
            throw PostgresError(.shape, "a refused row is not in its staging table")
        }
        return RefusedRow(
            object: try row.integer("object"), line: row["line"].flatMap { Int($0) }, error: error,
            raw: try row.text("raw"))
    }

    private func merge(
        _ sources: String, _ window: RowWindow?, _ connection: PostgresConnection
    ) async throws -> (rows: [PostgresRow], children: ChildFates) {
        let rows = try await connection.query(
            dialect.publish(staging, into: schema, only: window), [sources])
        var children = ChildFates()
        for child in schema.children {
            if let forget = dialect.forget(child, of: schema, for: staging, only: window) {
                try await connection.execute(forget)
            }
            let filled = try await connection.query(
                dialect.fill(child, of: schema, from: staging, only: window), [sources])
            try children.add(filled, of: child)
        }
        // A constraint that waits for the commit would fail there, where no row can be told.
        try await connection.execute("set constraints all immediate")
        return (rows, children)
    }

    private static func add(_ rows: [PostgresRow], to fates: inout [Int: Fate]) throws {
        for row in rows {
            let object = try row.integer("object")
            fates[object, default: Fate()].staged += try row.integer("staged")
            fates[object, default: Fate()].published += try row.integer("published")
        }
    }
}
