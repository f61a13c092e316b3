import Foundation

/// What a warehouse must hold once it has read everything: the rows of the four tables of the
/// GoodReads pipeline, without the time of capture.
struct SimulatedTruth: Sendable {
    let world: SimulatedWorld

    /// One of the four tables.
    enum Table: String, Sendable, CaseIterable {
        case reviews, books, authors, users
    }

    /// The rows of a table that the first `visible` reviews are about, as JSON lines.
    ///
    /// A review that is gone has no row, nor has what no other review is about.
    func lines(of table: Table, visible: Int) throws -> Data {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var lines = Data()
        for number in numbers(of: table, visible: visible) {
            switch table {
            case .reviews:
                let review = SimulatedReview(number, of: world)
                lines += try encoder.encode(ReviewRow(review, of: world))
            case .books:
                let book = SimulatedBook(number, of: world)
                lines += try encoder.encode(BookRow(book, of: world))
            case .authors:
                lines += try encoder.encode(AuthorRow(SimulatedAuthor(number, of: world)))
            case .users:
                lines += try encoder.encode(UserRow(SimulatedUser(number, of: world)))
            }
            lines.append(UInt8(ascii: "\n"))
        }
        return lines
    }

    private func numbers(of table: Table, visible: Int) -> [Int] {
        let present = (0..<visible).filter { !world.isGone(review: $0) }
        var found: Set<Int> = []
        for number in present {
            let review = SimulatedReview(number, of: world)
            switch table {
            case .reviews: found.insert(number)
            case .users: found.insert(review.user)
            case .books: found.insert(review.book)
            case .authors: found.formUnion(SimulatedBook(review.book, of: world).authors)
            }
        }
        return found.sorted()
    }

    /// The service says nothing with an empty text.
    fileprivate static func text(_ text: String, unless isMissing: Bool = false) -> String? {
        isMissing || text.isEmpty ? nil : text
    }
}

private struct ReviewRow: Encodable {
    let reviewId: Int
    let userId: Int
    let bookId: Int
    let authorId: Int
    let reviewText: String?
    let reviewRating: Double
    let reviewVotes: Int
    let spoilerFlag: Bool
    let spoilerState: String?
    let reviewAddedDate: String
    let reviewUpdatedDate: String
    let reviewReadCount: Int?
    let commentsCount: Int?
    let reviewUrl: String

    init(_ review: SimulatedReview, of world: SimulatedWorld) {
        reviewId = review.id
        userId = world.id(of: .user, review.user)
        bookId = world.id(of: .book, review.book)
        authorId = world.id(of: .author, SimulatedBook(review.book, of: world).authors[0])
        reviewText = SimulatedTruth.text(review.body.plain)
        reviewRating = Double(review.rating)
        reviewVotes = review.votes
        spoilerFlag = review.isSpoiler
        spoilerState = SimulatedTruth.text(review.spoilersState, unless: review.isOld)
        reviewAddedDate = Self.instant(review.added)
        reviewUpdatedDate = Self.instant(review.updated)
        reviewReadCount = review.readCount
        commentsCount = review.commentsCount
        reviewUrl = review.link
    }

    private static func instant(_ moment: Moment) -> String {
        var bytes: [UInt8] = []
        moment.appendStamp(to: &bytes)
        return String(decoding: bytes.prefix(19), as: UTF8.self).replacing(" ", with: "T") + "Z"
    }
}

private struct BookRow: Encodable {
    let bookId: Int
    let title: String
    let titleWithoutSeries: String?
    let imageUrl: String
    let bookUrl: String
    let numPages: Int?
    let format: String?
    let editionInformation: String?
    let publisher: String?
    let publicationDay: Int?
    let publicationYear: Int?
    let publicationMonth: Int?
    let averageRating: Double
    let ratingsCount: Int
    let description: String?
    let authors: Int
    let published: Int?

    init(_ book: SimulatedBook, of world: SimulatedWorld) {
        bookId = book.id
        title = book.fullTitle
        titleWithoutSeries = SimulatedTruth.text(book.title, unless: book.isOld)
        imageUrl = SimulatedLinks.image("books", book.id, size: "m", exists: book.hasImage)
        bookUrl = book.link
        numPages = book.pages
        format = SimulatedTruth.text(book.format, unless: book.isOld)
        editionInformation = SimulatedTruth.text(book.edition, unless: book.isOld)
        publisher = SimulatedTruth.text(book.publisher)
        publicationDay = book.day
        publicationYear = book.year
        publicationMonth = book.month
        averageRating = Double(book.averageRating) / 100
        ratingsCount = book.ratingsCount
        description = SimulatedTruth.text(book.description.plain)
        authors = world.id(of: .author, book.authors[0])
        published = book.published
    }
}

private struct AuthorRow: Encodable {
    let authorId: Int
    let name: String
    let role: String?
    let profileUrl: String
    let averageRating: Double
    let ratingCount: Int
    let textReviewCount: Int

    init(_ author: SimulatedAuthor) {
        authorId = author.id
        name = author.name.split(separator: " ").joined(separator: " ")
        role = SimulatedTruth.text(author.role, unless: author.isOld)
        profileUrl = author.link
        averageRating = Double(author.averageRating) / 100
        ratingCount = author.ratingsCount
        textReviewCount = author.textReviewsCount
    }
}

private struct UserRow: Encodable {
    let userId: Int
    let userName: String
    let userDisplayName: String?
    let location: String?
    let profileLink: String
    let uri: String?
    let userImageUrl: String
    let smallImageUrl: String
    let hasImage: Bool?

    init(_ user: SimulatedUser) {
        userId = user.id
        userName = user.name
        userDisplayName = SimulatedTruth.text(user.displayName, unless: user.isOld)
        location = SimulatedTruth.text(user.location)
        profileLink = user.link
        uri = SimulatedTruth.text(user.uri, unless: user.isOld)
        userImageUrl = SimulatedLinks.image("users", user.id, size: "p3", exists: user.hasImage)
        smallImageUrl = SimulatedLinks.image("users", user.id, size: "p2", exists: user.hasImage)
        hasImage = user.isOld ? nil : user.hasImage
    }
}
