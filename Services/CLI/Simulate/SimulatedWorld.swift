/// What a service like GoodReads knows: reviews, and the users, books and authors they are about.
///
/// It holds nothing but a plan; each attribute of each thing follows from the seed and its number,
/// so that a user is the same in every answer.
struct SimulatedWorld: Sendable {
    let seed: UInt64
    /// How many reviews there are in the end.
    let reviews: Int
    /// The share of the items with something odd: gone, or told in the older shape.
    let odd: Double

    /// One of the four nouns of the API.
    enum Noun: String, Sendable, CaseIterable {
        case review, book, author, user
    }

    func count(of noun: Noun) -> Int {
        switch noun {
        case .review: reviews
        case .user: max(1, reviews * 3 / 5)
        case .book: max(1, reviews * 2 / 5)
        case .author: max(1, reviews * 3 / 10)
        }
    }

    /// The id under which the API knows a thing: ids grow with the number, with gaps.
    func id(of noun: Noun, _ number: Int) -> Int {
        var draws = SplitMix64(seed: seed, noun.salt, UInt64(number), Self.ids)
        return noun.firstID + number * noun.gap + draws.integer(0...noun.gap - 1)
    }

    /// The number of what has an id; nil when nothing has it.
    func number(of noun: Noun, id: Int) -> Int? {
        guard id >= noun.firstID else { return nil }
        let number = (id - noun.firstID) / noun.gap
        return number < count(of: noun) && self.id(of: noun, number) == id ? number : nil
    }

    /// The draws for the attributes of a thing.
    func draws(_ noun: Noun, _ number: Int) -> SplitMix64 {
        SplitMix64(seed: seed, noun.salt, UInt64(number))
    }

    /// Whether a thing is told as the API did in 2011, with fewer elements.
    func isOld(_ noun: Noun, _ number: Int) -> Bool {
        var draws = SplitMix64(seed: seed, noun.salt, UInt64(number), Self.shapes)
        return draws.chance(odd)
    }

    /// Whether a review was taken back after it was listed.
    func isGone(review number: Int) -> Bool {
        var draws = SplitMix64(seed: seed, Noun.review.salt, UInt64(number), Self.losses)
        return draws.chance(odd / 2)
    }

    /// Whether a review has the element that the API knows from the middle of the feed on.
    func hasNewElement(review number: Int) -> Bool { odd > 0 && number >= reviews / 2 }

    private static let ids: UInt64 = 1 << 40
    private static let shapes: UInt64 = 2 << 40
    private static let losses: UInt64 = 3 << 40
}

extension SimulatedWorld.Noun {
    fileprivate var salt: UInt64 {
        switch self {
        case .review: 101
        case .book: 102
        case .author: 103
        case .user: 104
        }
    }

    /// Review ids of the service have outgrown 32 bits.
    fileprivate var firstID: Int {
        switch self {
        case .review: 3_100_000_000
        case .book: 40_000
        case .author: 7_000
        case .user: 90_000_000
        }
    }

    fileprivate var gap: Int {
        switch self {
        case .review: 7
        case .book: 11
        case .author: 9
        case .user: 13
        }
    }
}
