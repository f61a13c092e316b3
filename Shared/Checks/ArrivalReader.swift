public import Foundation
public import Pipelines
public import Postgres

/// Asks the warehouse how new a table's data is.
public struct ArrivalReader: Sendable {
    let target: CheckTarget

    public init(_ target: CheckTarget) {
        self.target = target
    }

    /// When something was published last; nil for never.
    public func published(_ connection: PostgresConnection) async throws -> Date? {
        let isModel = target.pipeline.model(target.name) != nil
        let sql =
            isModel
            ? """
            select extract(epoch from refreshed_at) as at from millrace.models
            where pipeline = $1 and model = $2
            """
            : """
            select extract(epoch from max(committed_at)) as at from millrace.ledger
            where pipeline = $1 and dataset = $2
            """
        let row = try await connection.query(sql, [target.pipeline.name, target.name]).first
        return row.flatMap(Self.date)
    }

    /// The newest value of a column; nil where there is none, or no table yet.
    ///
    /// - Parameter zone: That of times without one.
    public func newest(
        _ column: String, zone: String, _ connection: PostgresConnection
    ) async throws -> Date? {
        let found = try await connection.query(
            "select to_regclass($1) is not null as found", [target.table])
        guard found.first?.boolean("found") == true else { return nil }
        _ = try await connection.query("select set_config('TimeZone', $1, true)", [zone])
        // The text of a time with a zone has its offset, that of another is one of the zone's.
        let rows = try await connection.query(
            """
            select extract(epoch from max(\(quotedIdentifier(column)))::text::timestamptz) as at
            from \(target.table)
            """)
        _ = try await connection.query("select set_config('TimeZone', 'UTC', true)")
        return rows.first.flatMap(Self.date)
    }

    /// All that a rule asks for.
    public func read(
        _ rule: Freshness, _ connection: PostgresConnection
    ) async throws -> Arrival {
        var arrival = Arrival(published: try await published(connection))
        if case .age(let column, _, let zone) = rule {
            arrival.newest = try await newest(column, zone: zone, connection)
        }
        return arrival
    }

    private static func date(_ row: PostgresRow) -> Date? {
        row["at"].flatMap(Double.init).map(Date.init(timeIntervalSince1970:))
    }
}
