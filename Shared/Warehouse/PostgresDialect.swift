public import Pipelines
import Postgres

/// The SQL of PostgreSQL 15 and later.
public struct PostgresDialect: WarehouseDialect {
    public init() {}

    public func type(of column: ColumnType) -> String {
        switch column {
        case .smallint: "smallint"
        case .integer: "integer"
        case .bigint: "bigint"
        case .double: "double precision"
        case .boolean: "boolean"
        case .text: "text"
        case .date: "date"
        case .timestamp: "timestamp without time zone"
        case .timestamptz: "timestamp with time zone"
        case .decimal: "numeric(38,9)"
        case .json: "jsonb"
        }
    }

    public func createTable(_ schema: TableSchema) -> String {
        let key = schema.primaryKey.map(quotedIdentifier).joined(separator: ", ")
        let constraint = key.isEmpty ? "" : ",\n    primary key (\(key))"
        let group = quotedIdentifier(SystemSchema.reader)
        return """
            create schema if not exists \(quotedIdentifier(schema.table.schema));
            grant usage on schema \(quotedIdentifier(schema.table.schema)) to \(group);
            create table \(schema.table.sql) (
                \(definitions(schema)),\(history(schema))
                \(quotedIdentifier(TableSchema.sourceColumn)) bigint not null\(constraint)
            );
            grant select on \(schema.table.sql) to \(group);
            """
    }

    public func addColumn(_ column: String, of type: String, to table: TableName) -> String {
        "alter table \(table.sql) add column \(quotedIdentifier(column)) \(type)"
    }

    public func changeType(
        of column: String, to type: String, as value: String, in table: TableName
    ) -> String {
        "alter table \(table.sql) alter column \(quotedIdentifier(column)) type \(type) "
            + "using \(value)"
    }

    public func type(of column: Column, in schema: TableSchema) -> String {
        // Numbers that nobody declared keep their digits as they were written.
        schema.isNew(column.name) && column.type == .decimal ? "numeric" : type(of: column.type)
    }

    public func createCompanion(_ companion: TableName, of schema: TableSchema) -> String {
        let columns =
            schema.load.rowKey
            + (schema.load.mode == .scd2 ? [] : [schema.load.newestBy])
            .compactMap(\.self)
        let typed = columns.compactMap { name in schema.columns.first { $0.name == name } }
        let key = schema.load.rowKey.map(quotedIdentifier).joined(separator: ", ")
        return """
            create table if not exists \(companion.sql) (
                \(typed.map { definition($0, schema) }.joined(separator: ",\n    ")),
                \(quotedIdentifier(TableSchema.sourceColumn)) bigint not null,
                primary key (\(key))
            )
            """
    }

    public func createStaging(_ staging: TableName, for schema: TableSchema) -> String {
        let holders = schema.children.map { "\(quotedIdentifier($0.holder)) jsonb not null, " }
        return """
            create unlogged table \(staging.sql) (
                \(definitions(schema)), \(holders.joined())
                \(quotedIdentifier(TableSchema.objectColumn)) int not null,
                \(quotedIdentifier(TableSchema.lineColumn)) bigint
            );
            grant select on \(staging.sql) to \(quotedIdentifier(SystemSchema.reader));
            """
    }

    public func copy(
        into staging: TableName, for schema: TableSchema, options: String
    ) -> String {
        let own = list(
            schema.children.map(\.holder) + [TableSchema.lineColumn, TableSchema.objectColumn])
        return "copy \(staging.sql) (\(names(schema)), \(own)) from stdin with (\(options))"
    }

    private func history(_ schema: TableSchema) -> String {
        guard schema.load.mode == .scd2,
            let time = schema.columns.first(where: { $0.name == schema.load.newestBy })
        else { return "" }
        let type = type(of: time.type)
        return """

                "_valid_from" \(type), "_valid_to" \(type), "_is_current" boolean not null,
            """
    }

    private func definitions(_ schema: TableSchema) -> String {
        schema.columns.map { definition($0, schema) }.joined(separator: ",\n    ")
    }

    private func definition(_ column: Column, _ schema: TableSchema) -> String {
        "\(quotedIdentifier(column.name)) \(type(of: column, in: schema))"
    }

    func names(_ schema: TableSchema, of table: String? = nil) -> String {
        let prefix = table.map { $0 + "." } ?? ""
        return schema.columns.map { prefix + quotedIdentifier($0.name) }.joined(separator: ", ")
    }
}
