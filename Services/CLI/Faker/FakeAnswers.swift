/// What a correct pipeline makes of the generated files, known beforehand.
struct FakeAnswers: Codable, Sendable, Equatable {
    var seed: UInt64
    var rows: Int
    var dirty: Double
    var day: String
    var format: FakeFormat
    /// The largest id of users, books and authors.
    var things: Int
    var tables: [FakeTable: Table]
    /// Winners whose parent's only rows are rejects: `reviews.book_id` and the like.
    var orphans: [String: Int]

    /// One file, and the table that comes of it.
    struct Table: Codable, Sendable, Equatable {
        var file: String
        var bytes: Int
        var sha256: String
        /// Rows of the file, without its header.
        var read: Int
        /// Rejects by reason.
        var rejected: [String: Int]
        /// Distinct ids among the good rows: rows of the table.
        var winners: Int
        /// Sum over the winners of `(id × 1000003 + stamp) mod 2147483647`, the stamp being
        /// `record_create_timestamp` in microseconds since 1970.
        var stamps: Int
        /// Sum over the winners of what shows their version: ratings for authors and books, a
        /// hundred times the rating for reviews, 1 for each user with a picture.
        var content: Int

        /// Good rows that gave way, when the file is loaded as one batch into an empty table.
        var superseded: Int { read - rejected.values.reduce(0, +) - winners }
    }
}

extension FakeAnswers.Table {
    /// The part of the answers that the winners give.
    mutating func add(
        _ winners: FakeWinners, content measure: (Int, FakeVersion) -> Int
    ) {
        winners.forEach { id, version, stamp in
            self.winners += 1
            stamps += (id * 1_000_003 + stamp.microseconds) % 2_147_483_647
            content += measure(id, version)
        }
    }
}
