import Warehouse

/// When a delivery is tried again.
struct RetryPolicy: Sendable, Equatable {
    /// Before the second try, the third, …: one less than there are tries.
    let delays: [Duration]

    init(delays: [Duration]) { self.delays = delays }

    init(_ retries: DeliveryPolicy.Retries) {
        delays = retries.delays.map { .seconds($0) }
    }

    /// The pause after the try of that number; nil after the last one.
    ///
    /// A pause that the other side asks for counts between the planned one and the longest of the
    /// policy, so that no endpoint can put a delivery off for ever.
    /// - Parameter jitter: From -1 to 1; spreads deliveries that failed together.
    func pause(afterTry number: Int, asked: Duration?, jitter: Double) -> Duration? {
        guard number >= 1, number <= delays.count else { return nil }
        let planned = delays[number - 1]
        if let asked { return min(max(asked, planned), delays.max() ?? planned) }
        return planned * (1 + 0.2 * jitter)
    }
}
