public import Foundation
public import Postgres

/// An alert and what holds it back: a row of the view `millrace.alert_states`.
public struct AlertState: Codable, Sendable, Equatable {
    public var id: String
    /// `raised` or `resolved`.
    public var kind: String
    public var key: String
    public var topic: String
    public var severity: String
    public var pipeline: String
    public var dataset: String
    public var batch: String?
    public var title: String
    public var detail: String
    public var command: String?
    public var owner: String?
    public var raisedAt: Date
    public var resolvedAt: Date?
    /// `active`, `silenced`, `inhibited`, `muted` or `resolved`.
    public var state: String
    /// By what; nil where nothing holds it back.
    public var held: String?
    /// How often it was raised while it has not been over.
    public var times: Int
    /// Subscribers that were sent a notice about it.
    public var told: Int
}

/// Which alerts to list.
public struct AlertFilter: Sendable {
    /// Those that are over, too.
    public var isAll = false
    public var since: Date?
    public var pipeline: String?
    public var topic: String?
    public var limit = 100

    public init() {}
}

/// Alerts as a person asks for them.
public struct AlertStates: Sendable {
    private let pool: PostgresPool

    public init(_ pool: PostgresPool) {
        self.pool = pool
    }

    /// One for each thing that is wrong, raised last; the worst first, then the newest.
    public func list(_ filter: AlertFilter) async throws -> [AlertState] {
        let sql = """
            with latest as (
                select distinct on (key, resolved_at is null, case
                        when resolved_at is not null then alert_id end)
                    alert_id, count(*) over (partition by key, resolved_at) as times
                from millrace.alerts
                where kind = 'raised' and ($1 = 't' or resolved_at is null)
                    and ($2::double precision is null
                        or greatest(raised_at, resolved_at) >= to_timestamp($2::double precision))
                    and ($3::text is null or pipeline = $3) and ($4::text is null or topic = $4)
                order by key, resolved_at is null,
                    case when resolved_at is not null then alert_id end, raised_at desc
            )
            select \(Self.columns), latest.times
            from latest join millrace.alert_states as a using (alert_id)
            order by a.resolved_at is not null, case severity when 'critical' then 0
                when 'warning' then 1 else 2 end, raised_at desc
            limit $5
            """
        return try await pool.query(
            sql,
            [
                filter.isAll ? "t" : "f", filter.since.map { "\($0.timeIntervalSince1970)" },
                filter.pipeline, filter.topic, "\(filter.limit)",
            ]
        ).map(AlertState.init(row:))
    }

    /// Those whose id begins so, at most two: the newest of what was raised with the same id.
    public func find(_ prefix: String) async throws -> [AlertState] {
        let sql = """
            select \(Self.columns), 1 as times from millrace.alert_states as a
            where alert_id = $1 or starts_with(alert_id, $1)
            order by alert_id <> $1, raised_at desc limit 2
            """
        return try await pool.query(sql, [prefix]).map(AlertState.init(row:))
    }

    /// What was said about the same thing, the newest first.
    public func history(of key: String) async throws -> [AlertState] {
        let sql = """
            select \(Self.columns), 1 as times from millrace.alert_states as a
            where key = $1 order by raised_at desc limit 20
            """
        return try await pool.query(sql, [key]).map(AlertState.init(row:))
    }

    private static let columns = """
        a.alert_id, a.kind, a.key, a.topic, a.severity, a.pipeline, a.dataset, a.batch, a.title,
        a.detail, a.command, a.owner, extract(epoch from a.raised_at) as raised_seconds,
        extract(epoch from a.resolved_at) as resolved_seconds, a.state, a.held,
        (select count(distinct subscription_id) from millrace.deliveries as d
            where d.state = 'sent' and (d.alert_id = a.alert_id
                or d.alerts @> jsonb_build_array(jsonb_build_object('id', a.alert_id)))) as told
        """
}

extension AlertState {
    fileprivate init(row: PostgresRow) throws {
        self.init(
            id: try row.text("alert_id"), kind: try row.text("kind"), key: try row.text("key"),
            topic: try row.text("topic"), severity: try row.text("severity"),
            pipeline: try row.text("pipeline"), dataset: try row.text("dataset"),
            batch: row["batch"], title: try row.text("title"), detail: try row.text("detail"),
            command: row["command"], owner: row["owner"],
            raisedAt: try row.date("raised_seconds"),
            resolvedAt: row["resolved_seconds"] == nil ? nil : try row.date("resolved_seconds"),
            state: try row.text("state"), held: row["held"], times: try row.integer("times"),
            told: try row.integer("told"))
    }
}
