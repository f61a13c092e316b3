public import Broker
import Events
import Foundation
public import Postgres

/// Where dead letters are kept: the table `millrace.dead_letters`.
public struct DeadLetterArchive: Sendable {
    private let pool: PostgresPool

    public init(_ pool: PostgresPool) {
        self.pool = pool
    }

    /// Keeps letters in one transaction. The same failure again changes nothing; another failure of
    /// the same letter goes into its row, which waits again, with what was known as its history.
    /// The run of a batch that does not go on has failed, until its letter is handled after all.
    ///
    /// - Returns: How many were new, or had failed anew.
    public func keep(_ letters: [DeadLetter]) async throws -> Int {
        let waves = Self.waves(of: letters)
        return try await pool.transaction { connection in
            var count = 0
            for wave in waves {
                count += try await connection.run(Self.upsert, [try json(wave)])
            }
            for letter in letters {
                guard let facts = letter.batch else { continue }
                let reason = "\(letter.service) gave up: \(letter.errorMessage)"
                try await Runs.fail(facts, because: reason, connection)
            }
            return count
        }
    }

    /// The letter has been handled after it was sent again so many times.
    public func resolve(service: String, letter: String, replays: Int) async throws {
        let sql = """
            update millrace.dead_letters set state = 'resolved', replays = $3::int,
                updated_at = now(), claim = null,
                history = history || jsonb_build_object(
                    'what', 'resolved', 'at', \(Self.now), 'replays', $3::int)
            where service = $1 and letter_id = $2 and state in ('waiting', 'replaying')
                and replays <= $3::int
            """
        _ = try await pool.query(sql, [service, letter, "\(replays)"])
    }

    /// How many letters wait for a person, by service.
    public func waiting() async throws -> [String: Int] {
        let sql = """
            select service, count(*) as count from millrace.dead_letters
            where state = 'waiting' group by service
            """
        let counts = try await pool.query(sql).map { row in
            (try row.text("service"), try row.integer("count"))
        }
        return Dictionary(counts) { $1 }
    }

    /// One statement can touch a row once: another failure of a letter goes into a later wave.
    private static func waves(of letters: [DeadLetter]) -> [[Entry]] {
        var waves: [[Entry]] = []
        var places: [String: Int] = [:]
        for letter in letters {
            let place = places["\(letter.service) \(letter.id)", default: 0]
            places["\(letter.service) \(letter.id)"] = place + 1
            if place == waves.count { waves.append([]) }
            waves[place].append(Entry(letter))
        }
        return waves
    }

    /// The time as the history has it.
    static let now = #"to_char(now() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')"#

    /// The history keeps its first entry and the newest ones: an event that is said again and again
    /// must not make its row grow for ever.
    private static let upsert = """
        insert into millrace.dead_letters as kept (service, letter_id, queue, kind, pipeline,
            dataset, host, reason, error_class, error_message, fingerprint, attempts, replays,
            first_failed_at, last_failed_at, trace, content_type, headers, body, failure, history)
        select service, letter_id, queue, kind, pipeline, dataset, host, reason, error_class,
            error_message, fingerprint, attempts, replays,
            coalesce(to_timestamp(first_failed_at), now()),
            coalesce(to_timestamp(last_failed_at), now()), trace, content_type, headers,
            decode(body, 'base64'), failure,
            jsonb_build_array(jsonb_build_object('what', 'failed', 'at',
                coalesce(failed_at, \(now)), 'failure', failure, 'reason', reason,
                'error_class', error_class, 'error', error_message, 'attempts', attempts,
                'replays', replays, 'host', host))
        from json_to_recordset($1::json) as given (service text, letter_id text, queue text,
            kind text, pipeline text, dataset text, host text, reason text, error_class text,
            error_message text, fingerprint text, attempts int, replays int,
            first_failed_at double precision, last_failed_at double precision, failed_at text,
            trace text, content_type text, headers jsonb, body text, failure text)
        on conflict (service, letter_id) do update set
            queue = excluded.queue, kind = excluded.kind, pipeline = excluded.pipeline,
            dataset = excluded.dataset, host = excluded.host, reason = excluded.reason,
            error_class = excluded.error_class, error_message = excluded.error_message,
            fingerprint = excluded.fingerprint, attempts = excluded.attempts,
            replays = greatest(kept.replays, excluded.replays),
            first_failed_at = least(kept.first_failed_at, excluded.first_failed_at),
            last_failed_at = greatest(kept.last_failed_at, excluded.last_failed_at),
            trace = excluded.trace, content_type = excluded.content_type,
            headers = excluded.headers, body = excluded.body, failure = excluded.failure,
            history = case when jsonb_array_length(kept.history) < 60 then kept.history
                else kept.history - 1 end || excluded.history,
            state = 'waiting', claim = null, claimed_at = null, sent_at = null,
            updated_at = now(),
            alert_id = case when kept.state = 'waiting' then kept.alert_id end
        where not kept.history @>
            jsonb_build_array(jsonb_build_object('failure', excluded.failure))
        """

    /// A letter as the statement reads it.
    private struct Entry: Encodable {
        let service, letter_id, queue, kind, pipeline, dataset, host: String
        let reason, error_class, error_message, fingerprint, failure, content_type: String
        let attempts, replays: Int
        let first_failed_at, last_failed_at: Double?
        let failed_at: String?
        let trace: String?
        let headers: [String: FieldValue]
        let body: String

        init(_ letter: DeadLetter) {
            service = letter.service
            letter_id = letter.id
            queue = letter.queue
            kind = letter.kind
            pipeline = letter.pipeline
            dataset = letter.dataset
            host = letter.host
            reason = letter.reason
            error_class = letter.errorClass
            error_message = letter.errorMessage
            fingerprint = letter.fingerprint
            failure = letter.failure
            content_type = letter.message.contentType.replacing("\0", with: "")
            attempts = letter.attempts
            replays = letter.replays
            first_failed_at = letter.firstFailedAt?.timeIntervalSince1970
            last_failed_at = letter.lastFailedAt?.timeIntervalSince1970
            failed_at = letter.lastFailedAt.map(EventJSON.text)
            trace = letter.trace
            headers = letter.message.headers.keepable
            body = letter.message.body.base64EncodedString()
        }
    }
}

extension DeadLetter {
    /// The batch that does not go on because of it; nil when it is about something else.
    fileprivate var batch: BatchFacts? {
        let kinds: [EventKind] = [.batchTransformed, .batchStaged, .batchApproved, .batchRefused]
        let text = String(decoding: message.body, as: UTF8.self)
        // A stranger's text with a NUL in it is no text for the warehouse.
        guard kinds.contains(where: { $0.rawValue == kind }), !text.contains("\\u0000") else {
            return nil
        }
        do {
            return try EventJSON.decode(Batch.self, from: message.body).facts
        } catch {
            return nil  // unreadable: that may be why it is here
        }
    }

    private struct Batch: Decodable { let facts: BatchFacts }
}
