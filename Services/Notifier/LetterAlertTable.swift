import Broker
import Events
import Foundation
import Postgres
import Warehouse

/// Which alerts dead letters owe, and which are said: the table `millrace.dead_letter_alerts`.
///
/// Letters that failed in the same way (service, error class, pipeline) share alerts: the first
/// comes at once, then one with the count at most every `pause`. So a storm of letters is a handful
/// of mails, and still none waits longer than a minute to be told of.
struct LetterAlertTable: Sendable {
    let pool: PostgresPool
    /// Below the minute within which people are told.
    var pause = Duration.seconds(50)

    /// The services whose letters are counted, and what stands for none.
    static let services = ServiceQueues.services + [DeadLetter.unrouted]

    /// Writes down what is to be said now. One notifier at a time: they would say the same twice.
    func note() async throws {
        try await pool.transaction { connection in
            try await SystemSchema.lock(connection, "dead_letter_alerts")
            try await connection.run(Self.raise, ["\(pause / .seconds(1))"])
            try await connection.run(Self.resolve)
        }
    }

    /// What is written down and not known to be said, in order.
    func owed() async throws -> [LetterAlert] {
        let sql = """
            select *, extract(epoch from made_at) as seconds from millrace.dead_letter_alerts
            where said_at is null order by made_at, kind limit 200
            """
        return try await pool.query(sql).map(LetterAlert.init(row:))
    }

    /// The broker has confirmed them.
    func said(_ alerts: [LetterAlert]) async throws {
        let ids = String(decoding: try JSONEncoder().encode(alerts.map(\.id)), as: UTF8.self)
        _ = try await pool.query(
            """
            update millrace.dead_letter_alerts set said_at = now()
            where alert_id in (select jsonb_array_elements_text($1::jsonb))
            """, [ids])
    }

    /// Who cannot tell of alerts must not make another of that: its own letters are only counted.
    private static let raise = """
        with untold as (
            select service, error_class, pipeline, count(*) as letters,
                case when min(dataset) = max(dataset) then min(dataset) else '_' end as dataset,
                (array_agg(jsonb_build_object('id', letter_id, 'kind', kind, 'reason', reason,
                    'error', error_message, 'attempts', attempts, 'queue', queue)
                    order by last_failed_at desc))[1] as sample
            from millrace.dead_letters
            where state = 'waiting' and alert_id is null and service <> 'notifier'
            group by service, error_class, pipeline
        ), due as (
            select 'dead-' || gen_random_uuid() as alert_id, untold.* from untold
            where not exists (
                select from millrace.dead_letter_alerts as earlier
                where earlier.service = untold.service and earlier.error_class = untold.error_class
                    and earlier.pipeline = untold.pipeline and earlier.kind = 'raised'
                    and earlier.made_at > now() - make_interval(secs => $1::double precision))
        ), noted as (
            insert into millrace.dead_letter_alerts (alert_id, kind, service, error_class,
                pipeline, dataset, letters, sample, is_open)
            select alert_id, 'raised', service, error_class, pipeline, dataset, letters, sample,
                true
            from due
        )
        update millrace.dead_letters as kept set alert_id = due.alert_id from due
        where kept.state = 'waiting' and kept.alert_id is null and kept.service = due.service
            and kept.error_class = due.error_class and kept.pipeline = due.pipeline
        """

    private static let resolve = """
        with over as (
            update millrace.dead_letter_alerts as told set is_open = false
            where is_open and not exists (
                select from millrace.dead_letters as kept
                where kept.service = told.service and kept.error_class = told.error_class
                    and kept.pipeline = told.pipeline and kept.state in ('waiting', 'replaying'))
            returning service, error_class, pipeline, dataset
        )
        insert into millrace.dead_letter_alerts (alert_id, kind, service, error_class, pipeline,
            dataset, letters, is_open)
        select 'dead-' || gen_random_uuid(), 'resolved', service, error_class, pipeline,
            min(dataset), 0, false
        from over group by service, error_class, pipeline
        """
}

extension LetterAlert {
    fileprivate init(row: PostgresRow) throws {
        guard let kind = Alert.Kind(rawValue: try row.text("kind")),
            let seconds = Double(try row.text("seconds"))
        else {
            throw PostgresError(.shape, "millrace.dead_letter_alerts holds one of unknown form")
        }
        let sample = try row["sample"].map {
            try JSONDecoder().decode(Sample.self, from: Data($0.utf8))
        }
        self.init(
            id: try row.text("alert_id"), kind: kind, service: try row.text("service"),
            errorClass: try row.text("error_class"), pipeline: try row.text("pipeline"),
            dataset: try row.text("dataset"), letters: try row.integer("letters"), sample: sample,
            madeAt: Date(timeIntervalSince1970: seconds))
    }
}
