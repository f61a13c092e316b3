import Engine
import Events
import Postgres
import Warehouse

/// A row that the warehouse refuses.
struct RefusedRow: Sendable {
    /// The object's place in the batch.
    let object: Int
    /// The line of the object where its record starts.
    let line: Int?
    let error: PostgresError
    /// The row as JSON.
    let raw: String
}

/// The rows of one batch that the warehouse refuses; more than a limit of them say that it is not
/// the rows that are wrong.
struct RefusedRows: Sendable {
    private(set) var rows: [RefusedRow] = []
    private let limit: Int
    private let facts: BatchFacts

    init(of facts: BatchFacts, limit: Int) {
        self.facts = facts
        self.limit = limit
    }

    /// - Throws: A permanent error when there are too many, or it is of no object of the batch.
    mutating func add(_ row: RefusedRow) throws(HandlingError) {
        guard facts.objects.indices.contains(row.object) else {
            throw HandlingError(
                .permanent, "loader.count_mismatch",
                "the Parquet of batch \(facts.batch) has rows of an object that it does not have")
        }
        rows.append(row)
        guard rows.count > limit else { return }
        let reasons = rows.prefix(3).map { facts.objects[$0.object].name + ": " + $0.sentence }
        throw HandlingError(
            .permanent, "loader.too_many_refused",
            "the warehouse refuses more than \(limit) rows of batch \(facts.batch) (setting "
                + "`refused-rows-limit`); the first: \(reasons.joined(separator: "; "))")
    }

    /// How many there are of each object, by its place in the batch.
    var counts: [Int: Int] {
        rows.reduce(into: [:]) { $0[$1.object, default: 0] += 1 }
    }

    /// Keeps them as rejects of the batch. Call it in the transaction that leaves them out.
    func write(_ connection: PostgresConnection) async throws {
        for row in rows {
            try await connection.run(
                """
                insert into millrace.rejects (pipeline, dataset, batch, object, line, "column",
                    reason, message, raw, stage, value)
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'load',
                    ($9::text)::jsonb ->> $6::text)
                """,
                [
                    facts.pipeline, facts.dataset, facts.batch.description,
                    facts.objects[row.object].name, row.line.map(String.init), row.error.column,
                    row.reason.rawValue, row.sentence, row.raw,
                ])
        }
    }
}

extension RefusedRow {
    /// One sentence for a person.
    fileprivate var sentence: String {
        "PostgreSQL refuses the row: \(error.message) (\(error.sqlState ?? ""))"
            .replacing("\0", with: "\u{2400}")
    }

    fileprivate var reason: RejectReason {
        switch error.sqlState ?? "" {
        case "22021", "22P05": .invalidUTF8
        case "22001": .tooLong
        case "22003", "22008": .outOfRange
        case "23502": .missingValue
        case let code where code.hasPrefix("54"): .tooLong
        case let code where code.hasPrefix("23"): .constraint
        default: .badValue
        }
    }
}
