import Foundation
public import Postgres

extension DeadLetters {
    /// Takes letters in hand to send them again: no other call sends them meanwhile.
    ///
    /// What an earlier call left half done, because it was killed between this and `sent`, may be
    /// taken after a minute. Sending twice does no harm; not sending would.
    /// - Parameter claim: A name of the caller's own.
    /// - Returns: The ones that are ours, as they still are.
    public func claim(_ letters: [KeptLetter], as claim: String) async throws -> [KeptLetter] {
        let sql = """
            update millrace.dead_letters set state = 'replaying', claim = $2,
                claimed_at = now(), sent_at = null, updated_at = now()
            from (\(Self.asMeant)) as given
            where service = of_service and letter_id = id and failure = its_failure
                and dead_letters.replays = its_replays
                and (state = 'waiting' or state = 'replaying' and (
                    sent_at is not null or \(LetterFilter.isAbandoned)))
            returning \(KeptLetter.columns)
            """
        return try await pool.query(sql, [try keys(letters), claim]).map(KeptLetter.init(row:))
    }

    /// The broker has them: they count as sent through again once more.
    public func sent(_ letters: [KeptLetter], as claim: String, by who: String) async throws {
        let sql = """
            update millrace.dead_letters set sent_at = now(), replays = replays + 1,
                updated_at = now(),
                history = history || jsonb_build_object('what', 'sent', 'at',
                    \(DeadLetterArchive.now), 'who', $3::text, 'replays', replays + 1)
            where (service, letter_id) in (\(Self.given)) and claim = $2 and state = 'replaying'
                and sent_at is null
            """
        _ = try await pool.query(sql, [try keys(letters), claim, who])
    }

    /// They were not sent after all.
    public func release(_ claim: String) async throws {
        let sql = """
            update millrace.dead_letters set state = 'waiting', claim = null, claimed_at = null
            where claim = $1 and state = 'replaying' and sent_at is null
            """
        _ = try await pool.query(sql, [claim])
    }

    /// How letters that were sent stand now, in no order.
    public func look(_ letters: [KeptLetter]) async throws -> [KeptLetter] {
        let sql = """
            select \(KeptLetter.columns) from millrace.dead_letters
            where (service, letter_id) in (\(Self.given))
            """
        return try await pool.query(sql, [try keys(letters)]).map(KeptLetter.init(row:))
    }

    /// They are not needed any more. The rows stay, with who decided it.
    ///
    /// - Returns: How many it was: one that has failed anew meanwhile is left.
    public static func drop(
        _ letters: [KeptLetter], by who: String, _ connection: PostgresConnection
    ) async throws -> Int {
        let sql = """
            update millrace.dead_letters set state = 'dropped', claim = null,
                updated_at = now(),
                history = history || jsonb_build_object('what', 'dropped', 'at',
                    \(DeadLetterArchive.now), 'who', $2::text)
            from (\(asMeant)) as given
            where service = of_service and letter_id = id and failure = its_failure
                and state in ('waiting', 'replaying')
            """
        return try await connection.run(sql, [try keys(letters), who])
    }

    /// The letters of `$1` with the failure that was looked at.
    private static let asMeant = """
        select service as of_service, id, failure as its_failure, replays as its_replays
        from jsonb_to_recordset($1::jsonb)
            as given (service text, id text, failure text, replays int)
        """

    private static func keys(_ letters: [KeptLetter]) throws -> String {
        try json(
            letters.map { letter in
                var key = Key(letter)
                key.failure = letter.failure
                key.replays = letter.replays
                return key
            })
    }

    private func keys(_ letters: [KeptLetter]) throws -> String { try Self.keys(letters) }
}
