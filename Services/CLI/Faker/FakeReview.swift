/// One review, in one version.
struct FakeReview: Sendable {
    static let fields = [
        "review_id", "user_id", "book_id", "author_id", "review_text", "review_rating",
        "review_votes", "spoiler_flag", "spoiler_state", "review_added_date",
        "review_updated_date", "review_read_count", "comments_count", "review_url",
        "record_create_timestamp",
    ]

    let world: FakeWorld

    /// What the checksum adds up: the rating in hundredths.
    func content(_ id: Int, _ version: FakeVersion) -> Int {
        var state = world.state(.reviews, id, version)
        return state.integer(0...500)
    }

    func write(_ row: FakeRow, to buffer: inout RowBuffer) {
        var identity = world.identity(.reviews, row.id)
        var state = world.state(.reviews, row.id, row.version)
        let parents = world.parents(ofReview: row.id)
        buffer.id(of: row)
        buffer.integer(parents.user)
        buffer.integer(parents.book)
        buffer.integer(parents.author)
        let rating = state.integer(0...500)
        buffer.optionalText(of: row) { FakeProse.appendReview(using: &state, to: &$0) }
        // One to five beyond either end.
        let beyond = rating.isMultiple(of: 2) ? -100 - rating : 600 + rating
        buffer.hundredths(row.fault == .outOfRange ? beyond : rating)
        buffer.integer(state.integer(0...1_000_000))
        buffer.flag(identity.chance(0.5))
        buffer.text("No state")
        writeDates(row, &identity, &state, to: &buffer)
        buffer.integer(state.integer(0...1_000_000))
        buffer.integer(state.integer(0...1_000_000))
        buffer.link(Self.path, identity.next())
        buffer.stamp(of: row)
        buffer.endRow()
    }

    /// Written in the forty days before the traffic's, in the writer's own zone, and changed up to
    /// three days later, never after the capture.
    private func writeDates(
        _ row: FakeRow, _ identity: inout SplitMix64, _ state: inout SplitMix64,
        to buffer: inout RowBuffer
    ) {
        let ago = identity.integer(5 * 86_400...40 * 86_400)
        let added = Moment(microseconds: world.day.microseconds - ago * Moment.second)
        let later = state.integer(0...3 * 86_400)
        let updated = Moment(microseconds: added.microseconds + later * Moment.second)
        let offset = identity.pick(FakeLocale.all).offset
        if row.fault == .badDate {
            buffer.text { $0 += identity.pick(Self.badDates) }
        } else {
            buffer.text { added.appendMail(offset: offset, to: &$0) }
        }
        buffer.text { updated.appendMail(offset: offset, to: &$0) }
    }

    private static let path = Array("review/show/".utf8)
    private static let badDates = FakeLocale.words(
        "Tue Feb 30 18:08:25 -0800 2020;yesterday;2020-02-11;Tue Feb 11 25:08:25 -0800 2020;"
            + "Tue Feb 11 18:08:25 2020")
}
