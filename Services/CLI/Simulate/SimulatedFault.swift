/// What goes wrong with one answer.
enum SimulatedFault: Equatable, Sendable {
    /// The status of a server that cannot.
    case broken(status: Int)
    /// The body comes in pieces, seconds long.
    case slow
    /// The connection ends in the middle of the body.
    case cut
    /// The thing is said to be elsewhere.
    case redirect

    /// The draw for a request: the same seed and the same number give the same fault.
    ///
    /// - Parameter share: How many of the requests go wrong.
    init?(seed: UInt64, request number: Int, share: Double) {
        var draws = SplitMix64(seed: seed, Self.salt, UInt64(number))
        guard draws.chance(share) else { return nil }
        switch draws.integer(0...9) {
        case 0...3: self = .broken(status: draws.pick([500, 502, 503]))
        case 4...5: self = .slow
        case 6...7: self = .cut
        default: self = .redirect
        }
    }

    /// As the log calls it.
    var name: String {
        switch self {
        case .broken: "broken"
        case .slow: "slow"
        case .cut: "cut"
        case .redirect: "redirect"
        }
    }

    private static let salt: UInt64 = 201
}
