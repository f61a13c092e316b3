/// One user, in one version.
struct FakeUser: Sendable {
    static let fields = [
        "user_id", "user_name", "user_display_name", "location", "profile_link", "uri",
        "user_image_url", "small_image_url", "has_image", "record_create_timestamp",
    ]

    let world: FakeWorld

    /// What the checksum adds up: one for each with a picture.
    func content(_ id: Int, _ version: FakeVersion) -> Int {
        var state = world.state(.users, id, version)
        return state.chance(0.5) ? 1 : 0
    }

    func write(_ row: FakeRow, to buffer: inout RowBuffer) {
        var identity = world.identity(.users, row.id)
        var state = world.state(.users, row.id, row.version)
        let hasImage = state.chance(0.5)
        let locale = identity.pick(FakeLocale.all)
        buffer.id(of: row)
        var again = identity
        buffer.text { locale.appendName(blanks: 1, using: &identity, to: &$0) }
        buffer.text { locale.appendName(blanks: 1, using: &again, to: &$0) }
        // A new version has moved.
        buffer.optionalText(of: row) { locale.address(locale, &state, &$0) }
        buffer.link(Self.path, identity.next())
        let uri = identity.next()
        buffer.text {
            $0 += Self.uri
            $0.appendHexadecimal(uri)
        }
        buffer.link(Self.imagePath, identity.next())
        buffer.link(Self.smallImagePath, identity.next())
        buffer.flag(hasImage)
        buffer.stamp(of: row)
        buffer.endRow()
    }

    private static let path = Array("user/show/".utf8)
    private static let uri = Array("kca://profile:goodreads/".utf8)
    private static let imagePath = Array("images/users/".utf8)
    private static let smallImagePath = Array("images/users/small/".utf8)
}
