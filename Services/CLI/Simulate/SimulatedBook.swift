/// What a review is about.
struct SimulatedBook: Sendable {
    let id: Int
    let title: String
    /// The series in brackets behind the title; empty for most.
    let series: String
    let isbn: String?
    let isbn13: String?
    let hasImage: Bool
    let link: String
    let pages: Int?
    let format: String
    let edition: String
    let publisher: String
    let day: Int?
    let month: Int?
    let year: Int?
    /// The year of the work; the book may be a later edition.
    let published: Int?
    /// In hundredths.
    let averageRating: Int
    let ratingsCount: Int
    let textReviewsCount: Int
    let description: SimulatedProse
    /// The numbers of its authors, in order; at least one.
    let authors: [Int]
    let workID: Int
    /// Told as in 2011: without format, edition and the title without series.
    let isOld: Bool

    init(_ number: Int, of world: SimulatedWorld) {
        var draws = world.draws(.book, number)
        let id = world.id(of: .book, number)
        let title = String(decoding: draws.pick(FakeProse.titles), as: UTF8.self)
        self.id = id
        self.title = title
        series = draws.chance(0.2) ? " (The \(draws.integer(2...40)) Rivers, #2)" : ""
        let code = draws.integer(100_000_000...999_999_999)
        isbn = draws.chance(0.85) ? "\(code)X" : nil
        isbn13 = draws.chance(0.85) ? "978\(code)4" : nil
        hasImage = draws.chance(0.8)
        link = "\(SimulatedLinks.site)/book/show/\(id)-\(SimulatedLinks.slug(title, "-"))"
        pages = draws.chance(0.9) ? draws.integer(24...1400) : nil
        format = draws.pick(["Paperback", "Hardcover", "ebook", "Kindle Edition", ""])
        edition = draws.chance(0.1) ? "Deluxe Edition, \"signed\"" : ""
        publisher = draws.pick(Self.publishers)
        let year = draws.integer(1950...2020)
        let hasDay = draws.chance(0.6)
        let (month, day) = (draws.integer(1...12), draws.integer(1...28))
        self.year = draws.chance(0.9) ? year : nil
        self.month = hasDay ? month : nil
        self.day = hasDay ? day : nil
        published = draws.chance(0.8) ? year - draws.integer(0...60) : nil
        averageRating = draws.chance(0.1) ? 400 : draws.integer(200...500)
        ratingsCount = draws.integer(0...2_000_000)
        textReviewsCount = draws.integer(0...60_000)
        description = SimulatedProse(sentences: draws.integer(0...6), using: &draws)
        authors = Self.authors(of: world, using: &draws)
        workID = id * 3 + 1_000_000
        isOld = world.isOld(.book, number)
    }

    var fullTitle: String { title + series }

    /// One for most, two or three for every eighth book.
    private static func authors(
        of world: SimulatedWorld, using draws: inout SplitMix64
    ) -> [Int] {
        let all = world.count(of: .author)
        var chosen: [Int] = []
        for _ in 0..<(draws.chance(0.125) ? draws.integer(2...3) : 1) {
            let author = draws.integer(0...all - 1)
            if !chosen.contains(author) { chosen.append(author) }
        }
        return chosen
    }

    private static let publishers = [
        "Weir & Sluice", "Casa del Mulino", "O'Leary Books", "मिल प्रकाशन", "水車書房", "",
    ]
}
