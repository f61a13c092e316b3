/// Who has written a review.
struct SimulatedUser: Sendable {
    let id: Int
    let name: String
    let displayName: String
    let location: String
    let link: String
    let uri: String
    let hasImage: Bool
    let about: SimulatedProse
    let reviewsCount: Int
    /// Of these the API tells the name alone when they are asked for.
    let isPrivate: Bool
    /// Told as in 2011: without display name, uri and whether there is an image.
    let isOld: Bool

    init(_ number: Int, of world: SimulatedWorld) {
        var draws = world.draws(.user, number)
        let id = world.id(of: .user, number)
        let locale = draws.pick(FakeLocale.all)
        self.id = id
        displayName = locale.name(blanks: 1, using: &draws)
        name = displayName.split(separator: " ").first.map { String($0) } ?? displayName
        location = draws.chance(0.8) ? locale.city(using: &draws) : ""
        link = "\(SimulatedLinks.site)/user/show/\(id)-\(SimulatedLinks.slug(displayName, "-"))"
        uri = "kca://profile:goodreads/A" + String(draws.next(), radix: 36, uppercase: true)
        hasImage = draws.chance(0.5)
        about = SimulatedProse(sentences: draws.integer(0...3), using: &draws)
        reviewsCount = draws.integer(1...900)
        isPrivate = draws.chance(0.1)
        isOld = world.isOld(.user, number)
    }
}
