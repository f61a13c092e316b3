import Foundation
public import Postgres

/// The dead letters that are kept, for who looks at them.
public struct DeadLetters: Sendable {
    let pool: PostgresPool

    public init(_ pool: PostgresPool) {
        self.pool = pool
    }

    /// Those of a filter, the newest first.
    public func list(_ filter: LetterFilter, limit: Int) async throws -> [KeptLetter] {
        let sql = """
            select \(KeptLetter.columns) from millrace.dead_letters
            where \(LetterFilter.condition) order by last_failed_at desc, letter_id limit $8
            """
        return try await pool.query(sql, filter.parameters + ["\(limit)"])
            .map(KeptLetter.init(row:))
    }

    /// Those of a filter by service, error class and pipeline, the biggest group first.
    public func groups(_ filter: LetterFilter, limit: Int) async throws -> [LetterGroup] {
        let sql = """
            select service, error_class, pipeline, count(*) as count,
                extract(epoch from min(last_failed_at)) as oldest,
                extract(epoch from max(last_failed_at)) as newest,
                (array_agg(letter_id order by last_failed_at desc))[1] as sample,
                (array_agg(error_message order by last_failed_at desc))[1] as sample_error
            from millrace.dead_letters where \(LetterFilter.condition)
            group by service, error_class, pipeline
            order by count desc, service, error_class, pipeline limit $8
            """
        return try await pool.query(sql, filter.parameters + ["\(limit)"])
            .map(LetterGroup.init(row:))
    }

    /// How many there are.
    public func count(_ filter: LetterFilter) async throws -> Int {
        let sql = """
            select count(*) as count from millrace.dead_letters where \(LetterFilter.condition)
            """
        return try await pool.query(sql, filter.parameters).first?.integer("count") ?? 0
    }

    /// Those with that id, or with ids that begin with it; several services may have the same.
    ///
    /// - Returns: At most twenty, the newest first.
    public func find(_ word: String, service: String? = nil) async throws -> [KeptLetter] {
        let sql = """
            select \(KeptLetter.columns), letter_id = $1 as is_exact from millrace.dead_letters
            where (letter_id ^@ $1 or letter_id ^@ upper($1)) and ($2::text is null or service = $2)
            order by is_exact desc, last_failed_at desc limit 20
            """
        let rows = try await pool.query(sql, [word, service])
        let exact = rows.filter { $0.boolean("is_exact") }
        return try (exact.isEmpty ? rows : exact).map(KeptLetter.init(row:))
    }

    /// What letters carry, in their order; those that are gone are left out.
    public func contents(of letters: [KeptLetter]) async throws -> [(KeptLetter, LetterContent)] {
        let sql = """
            select service, letter_id, content_type, headers, encode(body, 'base64') as body,
                history
            from millrace.dead_letters
            where (service, letter_id) in (\(Self.given))
            """
        let rows = try await pool.query(sql, [try json(letters.map(Key.init))])
        var contents: [Key: LetterContent] = [:]
        for row in rows {
            let key = Key(service: try row.text("service"), id: try row.text("letter_id"))
            contents[key] = try LetterContent(row: row)
        }
        return letters.compactMap { letter in contents[Key(letter)].map { (letter, $0) } }
    }

    /// Letters as `$1` of a statement.
    struct Key: Codable, Hashable {
        let service: String
        let id: String
        /// Its failure and its count, so that one which has failed anew, or which somebody else has
        /// sent meanwhile, is not taken for the one that was meant.
        var failure: String?
        var replays: Int?

        init(service: String, id: String) {
            self.service = service
            self.id = id
        }

        init(_ letter: KeptLetter) { self.init(service: letter.service, id: letter.id) }
    }

    static let given = """
        select service, id from jsonb_to_recordset($1::jsonb) as given (service text, id text)
        """
}
