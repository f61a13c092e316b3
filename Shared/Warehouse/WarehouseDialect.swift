public import Pipelines

/// The SQL that differs between warehouses. What is the same everywhere stands where it is used.
public protocol WarehouseDialect: Sendable {
    /// The warehouse's type for a column, spelled as its catalog spells it.
    func type(of column: ColumnType) -> String
    /// Statements that make a dataset's schema and table, readable for the readers' group.
    func createTable(_ schema: TableSchema) -> String
    /// A statement that adds a column, null in the rows that are there.
    func addColumn(_ column: String, of type: String, to table: TableName) -> String
    /// The warehouse's type for a column of a table.
    func type(of column: Column, in schema: TableSchema) -> String
    /// A statement that gives a column another type.
    ///
    /// - Parameter value: An expression for the column's new values.
    func changeType(of column: String, to type: String, as value: String, in table: TableName)
        -> String
    /// A statement that makes the table that `TableSchema.companion` names, unless it is there.
    func createCompanion(_ companion: TableName, of schema: TableSchema) -> String
    /// A statement that makes a batch's staging table: the dataset's columns, those that hold the
    /// elements of its children, `_object`, `_line`.
    func createStaging(_ staging: TableName, for schema: TableSchema) -> String
    /// A statement that takes rows from the client into a staging table, what holds the elements
    /// of its children, `_line` and `_object` last.
    ///
    /// - Parameter options: How the rows are written, as the engine says.
    func copy(into staging: TableName, for schema: TableSchema, options: String) -> String
    /// One statement that brings a staging table's rows into the dataset's table.
    ///
    /// Its only parameter is a JSON list of `{"object": …, "source_id": …, "wins": …}`: the objects
    /// of the batch that take part, and which of them a table is replaced by. It gives, for each of
    /// them, `object`, `staged` (rows that it has in staging) and `published` (those that are in
    /// the table afterwards, or that have deleted their key).
    ///
    /// - Parameter window: Only these rows; it makes no difference whether rows are brought in at
    ///   once or window by window. Nil for all.
    func publish(_ staging: TableName, into schema: TableSchema, only window: RowWindow?) -> String
    /// A statement that removes, before a table is replaced, the rows that it will not have.
    ///
    /// - Parameter object: The object that replaces it: rows with one of its keys stay, so that
    ///   those that are the same are not written again. Nil to remove all.
    func clear(_ schema: TableSchema, for staging: TableName, keeping object: Int?) -> String
    /// A statement that removes, after the rows of a window were brought in, the elements of
    /// records that the table has no more, or has a newer one of. Nil where it has every record.
    func forget(
        _ child: ChildTable, of schema: TableSchema, for staging: TableName, only window: RowWindow?
    ) -> String?
    /// One statement that brings in the elements of the records that the table has taken, with the
    /// parameter of `publish`. It gives, for each object, `object`, `staged` (elements of its rows
    /// in staging) and `published`.
    func fill(
        _ child: ChildTable, of schema: TableSchema, from staging: TableName,
        only window: RowWindow?
    ) -> String
    /// A statement that gives the number of a staging table's `places`.
    func places(_ staging: TableName) -> String
    /// A statement that gives the rows of a window: `object`, `line`, and `raw` as JSON.
    func rows(_ window: RowWindow, of staging: TableName) -> String
}
