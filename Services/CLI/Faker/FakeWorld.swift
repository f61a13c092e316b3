/// Everybody and everything that the traffic is about. It holds nothing but a seed: each attribute
/// of each thing follows from the seed and its id, so that user 5 is the same in every row.
struct FakeWorld: Sendable {
    let seed: UInt64
    /// The day of the traffic begins here.
    let day: Moment
    /// The largest id of users, books and authors.
    let things: Int

    /// The largest id of a table; the smallest is 0.
    func largestID(_ table: FakeTable) -> Int { table == .reviews ? 10_000_000 : things }

    /// The draws for what never changes about a thing.
    func identity(_ table: FakeTable, _ id: Int) -> SplitMix64 {
        SplitMix64(seed: seed, table.salt, UInt64(id))
    }

    /// The draws for what differs between the versions of a thing.
    func state(_ table: FakeTable, _ id: Int, _ version: FakeVersion) -> SplitMix64 {
        SplitMix64(seed: seed, table.salt, UInt64(id), UInt64(version.rawValue) + 1)
    }

    /// Who wrote a book.
    func author(ofBook id: Int) -> Int {
        var generator = SplitMix64(seed: seed, FakeTable.books.salt, UInt64(id), Self.parents)
        return generator.integer(0...largestID(.authors))
    }

    /// Who wrote a review, and about what.
    func parents(ofReview id: Int) -> (user: Int, book: Int, author: Int) {
        var generator = SplitMix64(seed: seed, FakeTable.reviews.salt, UInt64(id), Self.parents)
        let user = generator.integer(0...largestID(.users))
        let book = generator.integer(0...largestID(.books))
        return (user, book, author(ofBook: book))
    }

    private static let parents: UInt64 = 1 << 32
}

/// Which of its versions a row shows.
enum FakeVersion: Int, Sendable, CaseIterable {
    /// As it is on the day of the traffic.
    case today
    /// As it was the day before.
    case older
    /// As it will be the day after.
    case newer

    /// Between this version's stamp and the one of the record that brought it.
    var shiftDays: Int {
        switch self {
        case .today: 0
        case .older: -1
        case .newer: 1
        }
    }
}

/// One row: which thing, in which version, when it was captured, and what is wrong with it.
struct FakeRow: Sendable {
    var id: Int
    var version = FakeVersion.today
    var stamp: Moment
    var fault: Fault?
}

extension RowBuffer {
    /// The id, or nothing where it is missing.
    mutating func id(of row: FakeRow) {
        row.fault == .missingID ? null() : integer(row.id)
    }

    /// When the row was captured; every file's last field.
    mutating func stamp(of row: FakeRow) {
        switch row.fault {
        case .missingTimestamp: null()
        case .badTimestamp: text("2020-02-30 25:61:00.000000")
        default: text { row.stamp.appendStamp(to: &$0) }
        }
    }

    /// A text that the service did not have where the row says so.
    mutating func optionalText(of row: FakeRow, _ compose: (inout [UInt8]) -> Void) {
        row.fault == .noneText ? text("None") : text(compose)
    }

    /// A made-up address on the web.
    mutating func link(_ path: [UInt8], _ number: UInt64) {
        text {
            $0 += Self.site
            $0 += path
            $0.appendHexadecimal(number)
        }
    }

    private static let site = Array("https://goodreads.example/".utf8)
}
