import Checks
import Events
import Pipelines
import Postgres
import Warehouse

/// The staged rows that a check's own SELECT gives: by the row's identity, `_object` and `_line`,
/// or by the dataset's key, or both, as far as the SELECT names them.
struct WrittenRows {
    let staging: TableName
    let pipeline: Pipeline
    let dataset: Dataset

    private static let found = "pg_temp.broken_rows"

    /// Notes the rows in a table that goes with the transaction. The SELECT runs with the rights of
    /// people who query.
    ///
    /// - Returns: The condition that such a row of the staging table, `row_at_hand`, meets.
    /// - Throws: A permanent error where the SELECT does not tell which rows it means.
    func find(
        _ query: String, of check: String, _ connection: PostgresConnection
    ) async throws -> String {
        let sql = try pipeline.closedSQL(query, table: staging.sql)
        let reader = quotedIdentifier(SystemSchema.reader)
        try await connection.execute("set local role \(reader)")
        let given = try await connection.table("select * from (\n\(sql)\n) as found limit 0")
            .columns
        try await connection.execute("reset role")
        let identity = try identity(in: given, of: check)
        let list = identity.map(quotedIdentifier).joined(separator: ", ")
        try await connection.execute(
            """
            drop table if exists \(Self.found);
            create temporary table broken_rows on commit drop as
                select \(list) from \(staging.sql) limit 0;
            grant insert on \(Self.found) to \(reader);
            set local role \(reader);
            insert into \(Self.found) select distinct \(list) from (
            \(sql)
            ) as found;
            reset role;
            analyze \(Self.found);
            """)
        let same = identity.map { name in
            let column = quotedIdentifier(name)
            // Not every format has lines.
            return name == TableSchema.lineColumn
                ? "coalesce(broken.\(column), -1) = coalesce(row_at_hand.\(column), -1)"
                : "broken.\(column) = row_at_hand.\(column)"
        }
        return "exists (select from \(Self.found) as broken where "
            + same.joined(separator: " and ") + ")"
    }

    private func identity(in given: [String], of check: String) throws -> [String] {
        let place = [TableSchema.objectColumn, TableSchema.lineColumn]
        let key = dataset.load.key
        let identity =
            (place.allSatisfy(given.contains) ? place : [])
            + (!key.isEmpty && key.allSatisfy(given.contains) ? key : [])
        guard identity.isEmpty else { return identity }
        let names = key.isEmpty ? "" : " or the key (\(key.joined(separator: ", ")))"
        throw HandlingError(
            .permanent, "loader.unnamed_rows",
            "the SELECT of the check `\(check)` of \(pipeline.name).\(dataset.name) does not tell "
                + "which rows to set aside: let it select _object and _line\(names)")
    }
}
