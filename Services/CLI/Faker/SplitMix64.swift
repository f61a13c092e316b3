/// A small fast generator of numbers that look random and follow from a seed alone.
///
/// The constants are those of Steele, Lea and Flood, "Fast Splittable Pseudorandom Number
/// Generators" (2014). Not for secrets.
struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    /// A generator for one thing: the same keys give the same numbers, others give others.
    init(seed: UInt64, _ keys: UInt64...) {
        state = keys.reduce(Self.mixed(seed)) { Self.mixed($0 ^ Self.mixed($1 &+ Self.step)) }
    }

    mutating func next() -> UInt64 {
        state &+= Self.step
        return Self.mixed(state)
    }

    /// A number in `range`; each is as likely as any other, but for 2⁻⁴⁰ of the draws.
    mutating func integer(_ range: ClosedRange<Int>) -> Int {
        let width = UInt64(range.upperBound - range.lowerBound) + 1
        return range.lowerBound + Int(next().multipliedFullWidth(by: width).high)
    }

    /// One of `list`, which is not empty.
    mutating func pick<Element>(_ list: [Element]) -> Element {
        list[integer(0...list.count - 1)]
    }

    /// True in `share` of the draws.
    mutating func chance(_ share: Double) -> Bool {
        Double(next() >> 11) * 0x1p-53 < share
    }

    private static let step: UInt64 = 0x9E37_79B9_7F4A_7C15

    private static func mixed(_ value: UInt64) -> UInt64 {
        var bits = value
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}
