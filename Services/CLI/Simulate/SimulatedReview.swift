/// What a user thinks of a book.
struct SimulatedReview: Sendable {
    let number: Int
    let id: Int
    /// The numbers of the user and the book.
    let user: Int
    let book: Int
    /// 0 means that there is none.
    let rating: Int
    let votes: Int
    let isSpoiler: Bool
    let spoilersState: String
    let added: Moment
    let updated: Moment
    /// The hours that the service's clock was behind UTC: 8 in winter, 7 in summer.
    let hoursBehind: Int
    let readCount: Int?
    let commentsCount: Int?
    let shelf: String
    let body: SimulatedProse
    let link: String
    /// Listed, but not there when it is asked for.
    let isGone: Bool
    /// Told as in 2011, without the state of spoilers.
    let isOld: Bool
    /// Told with an element that nobody has heard of.
    let hasNewElement: Bool

    init(_ number: Int, of world: SimulatedWorld) {
        var draws = world.draws(.review, number)
        self.number = number
        id = world.id(of: .review, number)
        user = draws.integer(0...world.count(of: .user) - 1)
        book = draws.integer(0...world.count(of: .book) - 1)
        rating = draws.integer(0...5)
        votes = draws.chance(0.3) ? draws.integer(1...400) : 0
        isSpoiler = draws.chance(0.1)
        spoilersState = isSpoiler ? "some" : "none"
        added = Self.moment(of: number)
        let later = draws.chance(0.5) ? 0 : draws.integer(1...86_400)
        updated = Moment(microseconds: added.microseconds + later * Moment.second)
        hoursBehind = draws.chance(0.5) ? 8 : 7
        readCount = draws.chance(0.8) ? draws.integer(0...9) : nil
        commentsCount = draws.chance(0.8) ? draws.integer(0...30) : nil
        shelf = draws.pick(["read", "currently-reading", "to-read"])
        body = SimulatedProse(
            sentences: draws.chance(0.1) ? 0 : draws.integer(1...9), using: &draws)
        link = "\(SimulatedLinks.site)/review/show/\(id)"
        isGone = world.isGone(review: number)
        isOld = world.isOld(.review, number)
        hasNewElement = world.hasNewElement(review: number)
    }

    /// A review came every 40 seconds, from the first of February 2020 on.
    private static func moment(of number: Int) -> Moment {
        Moment(microseconds: (1_580_515_200 + number * 40) * Moment.second)
    }

    /// `Wed Feb 19 18:36:17 -0800 2020`, on the service's clock.
    func date(_ moment: Moment) -> String {
        var bytes: [UInt8] = []
        let wall = Moment(microseconds: moment.microseconds - hoursBehind * 3600 * Moment.second)
        wall.appendMail(offset: Array("-0\(hoursBehind)00".utf8), to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
