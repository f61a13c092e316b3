import Events
import Foundation
import Pipelines
public import Postgres

extension DatasetTable {
    /// One column that is not as the batch or the pipeline wants it.
    private struct Change {
        let column: Column
        /// The warehouse's type now; nil where the column is missing.
        let from: String?
        let to: String
        /// The column has had no value yet: any type will do.
        let isFirst: Bool

        /// One sentence for a person.
        var sentence: String {
            let field = column.field == column.name ? "" : ", from the field `\(column.field)`"
            guard let from else { return "`\(column.name)` is new: \(to)\(field)" }
            return isFirst
                ? "`\(column.name)` has its first values: \(to)"
                : "`\(column.name)` is \(to) now, it was \(from)"
        }

        var changesType: Bool { from != nil && !isFirst }
    }

    /// Batches of one new revision come together: the first changes the table, the others find it
    /// done.
    func change(
        _ live: [String: LiveColumn], for cause: SchemaCause?, _ connection: PostgresConnection
    ) async throws {
        let isAsItShould = schema.evolved.isEmpty && wanted(live).isEmpty
        if isAsItShould { return }
        // Not the lock of those who make tables: a model's transaction waits for that one while it
        // reads this table.
        try await SystemSchema.lock(connection, "table:\(schema.table)")
        let latest = try await latest(cause, connection)
        let changes = try changes(try await columns(connection), since: latest)
        if changes.isEmpty { return }
        for change in changes { try await make(change, connection) }
        try await record(changes, since: latest, cause, connection)
    }

    /// Gives the columns of a batch's staging table the types that the table has, and adds those
    /// that other batches have brought: what a newer row does not say is null.
    ///
    /// Call it in the transaction that reads it, after `prepare`.
    ///
    /// - Returns: The schema with those columns.
    public func align(
        _ staging: TableName, for cause: SchemaCause, _ connection: PostgresConnection
    ) async throws -> TableSchema {
        let staged = try await columns(connection, of: staging)
        let live = try await columns(connection)
        var whole = schema
        for column in try await latest(cause, connection)?.columns ?? [] {
            let isKnown = schema.columns.contains { $0.name == column.name }
            guard column.origin == .evolved, !isKnown, let type = live[column.name]?.type else {
                continue
            }
            whole.columns.append(Column(name: column.name, field: column.field, type: .text))
            guard !staged.isEmpty, staged[column.name]?.type != type else { continue }
            try await connection.execute(
                staged[column.name] == nil
                    ? dialect.addColumn(column.name, of: type, to: staging)
                    : dialect.changeType(
                        of: column.name, to: type, as: "null::\(type)", in: staging))
        }
        for column in schema.columns {
            guard let from = staged[column.name]?.type, let to = live[column.name]?.type,
                from != to
            else { continue }
            let isNew = schema.isNew(column.name)
            let isVoid = schema.isVoid(column.name)
            guard isVoid || TypeLadder.join(from, to, isNew: isNew) == to else {
                throw conflict(column, to, from)
            }
            let value =
                isVoid
                ? "null::\(to)"
                : TypeLadder.widened(column.name, from: from, to: to, isNew: isNew)
            try await connection.execute(
                dialect.changeType(of: column.name, to: to, as: value, in: staging))
        }
        return whole
    }

    private func latest(
        _ cause: SchemaCause?, _ connection: PostgresConnection
    ) async throws -> SchemaVersion? {
        guard let cause else { return nil }
        return try await SchemaVersions.latest(cause.pipeline, cause.dataset, connection)
    }

    /// The columns that are missing or of another type.
    private func wanted(_ live: [String: LiveColumn]) -> [Column] {
        schema.columns.filter { live[$0.name]?.type != dialect.type(of: $0, in: schema) }
    }

    private func changes(
        _ live: [String: LiveColumn], since latest: SchemaVersion?
    ) throws -> [Change] {
        let known = Dictionary(
            (latest?.columns ?? []).map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        return try schema.columns.compactMap { column in
            let to = dialect.type(of: column, in: schema)
            guard let from = live[column.name]?.type else {
                return Change(column: column, from: nil, to: to, isFirst: false)
            }
            if schema.isVoid(column.name) { return nil }
            if let known = known[column.name], known.type == nil {
                return Change(column: column, from: from, to: to, isFirst: true)
            }
            if from == to { return nil }
            let joined = TypeLadder.join(from, to, isNew: schema.isNew(column.name))
            let isAsked = schema.mayBeWider || schema.evolved[column.name] != nil
            let hasEvolved = known[column.name]?.origin == .evolved
            let isDecimal = from == "numeric" && to == dialect.type(of: .decimal)
            guard let joined, isAsked || (joined == from && (hasEvolved || isDecimal)) else {
                throw conflict(column, from, to)
            }
            return joined == from
                ? nil : Change(column: column, from: from, to: joined, isFirst: false)
        }
    }

    private func make(_ change: Change, _ connection: PostgresConnection) async throws {
        let name = change.column.name
        guard let from = change.from else {
            return try await connection.execute(
                dialect.addColumn(name, of: change.to, to: schema.table))
        }
        if from == change.to { return }
        let value = TypeLadder.widened(
            name, from: from, to: change.to, isNew: schema.isNew(name))
        do {
            // Readers wait behind whoever waits for this lock.
            try await connection.execute("set local lock_timeout = '5s'")
            try await connection.execute(
                dialect.changeType(of: name, to: change.to, as: value, in: schema.table))
            try await connection.execute("set local lock_timeout to default")
        } catch let error as PostgresError where error.sqlState == "0A000" {
            throw HandlingError(
                .permanent, "warehouse.view_in_the_way",
                "the column \(name) of \(schema.table) has to be \(change.to), but "
                    + "\(error.message) (\(error.detail ?? "no detail")); drop the view, replay "
                    + "the event, and make the view again")
        }
    }

    private func conflict(_ column: Column, _ present: String, _ wanted: String) -> HandlingError {
        HandlingError(
            .permanent, "warehouse.type_conflict",
            "the column \(column.name) of \(schema.table) is \(present), the pipeline wants "
                + "\(wanted); give the column another name, or alter the table")
    }

    /// Writes down what a table that was just made is like.
    func recordFirst(_ cause: SchemaCause?, _ connection: PostgresConnection) async throws {
        let latest = try await latest(cause, connection)
        try await record(nil, since: latest.map { $0.emptied }, cause, connection)
    }

    /// Writes down what the table is like now.
    ///
    /// - Parameter changes: Nil when it was just made.
    private func record(
        _ changes: [Change]?, since latest: SchemaVersion?, _ cause: SchemaCause?,
        _ connection: PostgresConnection
    ) async throws {
        guard let cause else { return }
        let evolved = (changes?.map(\.column.name) ?? schema.columns.map(\.name))
            .compactMap { schema.evolved[$0] }
        var version = SchemaVersion(
            pipeline: cause.pipeline, dataset: cause.dataset,
            version: (latest?.version ?? 0) + 1, revision: cause.revision, batch: cause.batch,
            object: evolved.first?.object, columns: latest?.columns ?? [],
            changes: changes?.map(\.sentence) ?? ["the table is made"],
            isEvolution: !evolved.isEmpty,
            changesTypes: changes?.contains(where: \.changesType) ?? false, changedAt: .now)
        let types = Dictionary(
            (changes ?? []).map { ($0.column.name, $0.to) }, uniquingKeysWith: { $1 })
        for column in schema.columns {
            let type = types[column.name] ?? dialect.type(of: column, in: schema)
            let described = SchemaVersion.Column(
                name: column.name, field: column.field,
                type: schema.isVoid(column.name) ? nil : type,
                origin: schema.evolved[column.name] == nil ? .declared : .evolved)
            if let index = version.columns.firstIndex(where: { $0.name == column.name }) {
                if types[column.name] != nil { version.columns[index] = described }
            } else {
                version.columns.append(described)
            }
        }
        try await SchemaVersions.record(version, connection)
    }
}
