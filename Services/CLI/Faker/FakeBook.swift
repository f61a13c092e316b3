/// One book, in one version.
struct FakeBook: Sendable {
    static let fields = [
        "book_id", "title", "title_without_series", "image_url", "book_url", "num_pages", "format",
        "edition_information", "publisher", "publication_day", "publication_year",
        "publication_month", "average_rating", "ratings_count", "description", "authors",
        "published", "record_create_timestamp",
    ]

    let world: FakeWorld

    /// What the checksum adds up: the number of ratings.
    func content(_ id: Int, _ version: FakeVersion) -> Int {
        var state = world.state(.books, id, version)
        return state.integer(0...1_000_000)
    }

    func write(_ row: FakeRow, to buffer: inout RowBuffer) {
        var identity = world.identity(.books, row.id)
        var state = world.state(.books, row.id, row.version)
        buffer.id(of: row)
        buffer.text { $0 += identity.pick(FakeProse.titles) }
        buffer.text { $0 += identity.pick(FakeProse.titles) }
        buffer.link(Self.imagePath, identity.next())
        buffer.link(Self.path, identity.next())
        let pages = identity.integer(10...1000)
        row.fault == .badNumber ? buffer.text("about \(pages)") : buffer.integer(pages)
        buffer.text("Book")
        buffer.text("No information")
        buffer.optionalText(of: row) { $0 += Self.publisher }
        buffer.integer(identity.integer(1...28))
        buffer.integer(identity.integer(1900...2100))
        let month = identity.integer(1...12)
        buffer.integer(row.fault == .outOfRange ? month + 12 : month)
        let author = world.author(ofBook: row.id)
        buffer.hundredths(FakeAuthor(world: world).rating(author, row.version))
        buffer.integer(state.integer(0...1_000_000))
        buffer.text("fake description")
        buffer.integer(author)
        buffer.integer(identity.integer(0...10))
        buffer.stamp(of: row)
        buffer.endRow()
    }

    private static let publisher = Array("fake publisher".utf8)
    private static let imagePath = Array("images/books/".utf8)
    private static let path = Array("book/show/".utf8)
}
