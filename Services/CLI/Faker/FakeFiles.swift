import Foundation

/// The four files of one day of traffic.
struct FakeFiles: ~Copyable {
    private var authors: FakeFile
    private var books: FakeFile
    private var reviews: FakeFile
    private var users: FakeFile

    init(_ world: FakeWorld, format: FakeFormat, in folder: URL) throws {
        // All four are opened before any is kept: a half-made value could not be taken apart.
        let first = try FakeFile(.authors, of: world, format: format, in: folder)
        let second = try FakeFile(.books, of: world, format: format, in: folder)
        let third = try FakeFile(.reviews, of: world, format: format, in: folder)
        let fourth = try FakeFile(.users, of: world, format: format, in: folder)
        authors = first
        books = second
        reviews = third
        users = fourth
    }

    mutating func write(_ row: FakeRow, of world: FakeWorld, to table: FakeTable) throws {
        switch table {
        case .authors: try authors.write(row, of: world)
        case .books: try books.write(row, of: world)
        case .reviews: try reviews.write(row, of: world)
        case .users: try users.write(row, of: world)
        }
    }

    /// Winners whose parents are no winners, as the checks of the pipeline name them.
    func orphans(in world: FakeWorld) -> [String: Int] {
        var orphans: [String: Int] = [:]
        reviews.winners.forEach { id, _, _ in
            let parents = world.parents(ofReview: id)
            if !users.winners.contains(parents.user) {
                orphans["reviews.user_id", default: 0] += 1
            }
            if !books.winners.contains(parents.book) {
                orphans["reviews.book_id", default: 0] += 1
            }
            if !authors.winners.contains(parents.author) {
                orphans["reviews.author_id", default: 0] += 1
            }
        }
        books.winners.forEach { id, _, _ in
            if !authors.winners.contains(world.author(ofBook: id)) {
                orphans["books.authors", default: 0] += 1
            }
        }
        return orphans
    }

    /// Closes all four.
    consuming func finish(_ world: FakeWorld) throws -> [FakeTable: FakeAnswers.Table] {
        [
            .authors: try authors.finish(world), .books: try books.finish(world),
            .reviews: try reviews.finish(world), .users: try users.finish(world),
        ]
    }
}
