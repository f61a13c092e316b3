/// One author, in one version.
struct FakeAuthor: Sendable {
    static let fields = [
        "author_id", "name", "role", "profile_url", "average_rating", "rating_count",
        "text_review_count", "record_create_timestamp",
    ]

    let world: FakeWorld

    /// The rating in hundredths, which the author's books share.
    func rating(_ id: Int, _ version: FakeVersion) -> Int {
        var state = world.state(.authors, id, version)
        return state.integer(0...500)
    }

    /// What the checksum adds up: the number of ratings.
    func content(_ id: Int, _ version: FakeVersion) -> Int {
        var state = world.state(.authors, id, version)
        _ = state.integer(0...500)
        return state.integer(0...1_000_000)
    }

    func write(_ row: FakeRow, to buffer: inout RowBuffer) {
        var identity = world.identity(.authors, row.id)
        var state = world.state(.authors, row.id, row.version)
        buffer.id(of: row)
        let locale = identity.pick(FakeLocale.all)
        // The service has such names; the pipeline makes one blank of the run.
        let blanks = identity.chance(0.04) ? 2 : 1
        buffer.text { locale.appendName(blanks: blanks, using: &identity, to: &$0) }
        buffer.optionalText(of: row) { $0 += identity.pick(Self.roles) }
        buffer.link(Self.path, identity.next())
        let rating = state.integer(0...500)
        buffer.hundredths(row.fault == .outOfRange ? rating + 501 : rating)
        let ratings = state.integer(0...1_000_000)
        row.fault == .badNumber ? buffer.text("many") : buffer.integer(ratings)
        buffer.integer(state.integer(0...1_000_000))
        buffer.stamp(of: row)
        buffer.endRow()
    }

    private static let roles = FakeLocale.words("editor;illustrator")
    private static let path = Array("author/show/".utf8)
}
