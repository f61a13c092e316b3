/// Who has written a book.
struct SimulatedAuthor: Sendable {
    let id: Int
    /// Now and then with two blanks inside, as the service has such names.
    let name: String
    /// Empty for most.
    let role: String
    let link: String
    let hasImage: Bool
    /// In hundredths.
    let averageRating: Int
    let ratingsCount: Int
    let textReviewsCount: Int
    let worksCount: Int
    let hometown: String
    let bornAt: String
    let about: SimulatedProse
    /// Told as in 2011, which had no role.
    let isOld: Bool

    init(_ number: Int, of world: SimulatedWorld) {
        var draws = world.draws(.author, number)
        let id = world.id(of: .author, number)
        let locale = draws.pick(FakeLocale.all)
        self.id = id
        name = locale.name(blanks: draws.chance(0.05) ? 2 : 1, using: &draws)
        role = draws.chance(0.1) ? draws.pick(["Illustrator", "Editor", "Translator"]) : ""
        link = "\(SimulatedLinks.site)/author/show/\(id).\(SimulatedLinks.slug(name, "_"))"
        hasImage = draws.chance(0.6)
        averageRating = draws.integer(250...490)
        ratingsCount = draws.integer(0...5_000_000)
        textReviewsCount = draws.integer(0...90_000)
        worksCount = draws.integer(1...60)
        hometown = draws.chance(0.5) ? locale.city(using: &draws) : ""
        let year = draws.integer(1880...1990)
        let month = draws.integer(1...12)
        bornAt = draws.chance(0.4) ? "\(year)/\(month < 10 ? "0" : "")\(month)/11" : ""
        about = SimulatedProse(sentences: draws.integer(0...4), using: &draws)
        isOld = world.isOld(.author, number)
    }
}
