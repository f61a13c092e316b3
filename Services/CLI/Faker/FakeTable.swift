/// The four datasets of the GoodReads pipeline, as the generator writes them.
enum FakeTable: String, CaseIterable, Sendable, Codable, CodingKeyRepresentable {
    case authors, books, reviews, users

    /// The file's name without its ending, as the originals have it.
    var fileName: String {
        switch self {
        case .authors: "author"
        case .books: "book"
        case .reviews: "reviews"
        case .users: "user"
        }
    }

    /// The fields in the originals' order.
    var fields: [String] {
        switch self {
        case .authors: FakeAuthor.fields
        case .books: FakeBook.fields
        case .reviews: FakeReview.fields
        case .users: FakeUser.fields
        }
    }

    /// What can be wrong with one of its rows.
    var faults: [Fault] {
        switch self {
        case .authors, .books:
            [.missingID, .missingTimestamp, .badTimestamp, .outOfRange, .badNumber, .noneText]
        case .reviews:
            [.missingID, .missingTimestamp, .badTimestamp, .outOfRange, .badDate, .noneText]
        case .users:
            [.missingID, .missingTimestamp, .badTimestamp, .noneText]
        }
    }

    /// Its row for a record is stamped this long after the review's, as the collector takes its
    /// time for each.
    var stampMicroseconds: Int {
        switch self {
        case .reviews: 0
        case .users: 1
        case .books: 2
        case .authors: 3
        }
    }

    /// Keeps the draws of different tables apart.
    var salt: UInt64 {
        switch self {
        case .authors: 1
        case .books: 2
        case .reviews: 3
        case .users: 4
        }
    }
}
