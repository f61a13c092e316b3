/// The words that names and addresses of one country are made of.
struct FakeLocale: Sendable {
    let code: String
    /// The zone that its reviews are written in.
    let offset: [UInt8]
    let givenNames: [[UInt8]]
    let familyNames: [[UInt8]]
    /// What stands between the two names, and which comes first.
    let nameOrder: NameOrder
    let streets: [[UInt8]]
    let cities: [[UInt8]]
    /// Appends an address; three of the four have line breaks.
    let address: @Sendable (FakeLocale, inout SplitMix64, inout [UInt8]) -> Void

    /// Which name comes first.
    enum NameOrder: Sendable { case givenFirst, familyFirst }

    static let all = [italian, american, indian, japanese]

    /// Appends a person's name, with as many blanks as given between its parts.
    func appendName(
        blanks: Int, using generator: inout SplitMix64, to bytes: inout [UInt8]
    ) {
        let given = generator.pick(givenNames)
        let family = generator.pick(familyNames)
        bytes += nameOrder == .givenFirst ? given : family
        bytes += Array(repeating: UInt8(ascii: " "), count: blanks)
        bytes += nameOrder == .givenFirst ? family : given
    }

    /// Words of a list written as one text, split at semicolons.
    static func words(_ text: String) -> [[UInt8]] {
        text.split(separator: ";").map { Array($0.utf8) }
    }
}
