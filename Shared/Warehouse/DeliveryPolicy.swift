import Foundation

/// How a subscription is delivered to, in the words and bounds of Amazon SNS's delivery policy.
public struct DeliveryPolicy: Sendable, Equatable {
    /// When a delivery is tried again: at once, then after the least delay, then with growing
    /// delays, then after the longest.
    public struct Retries: Sendable, Equatable {
        /// How the delays of the third phase grow from the least to the longest.
        public enum Backoff: String, Sendable, CaseIterable {
            case linear, arithmetic, geometric, exponential
        }

        /// Tries behind the first one, all phases together.
        public var count = 2
        public var immediate = 0
        public var beforeBackoff = 0
        public var afterBackoff = 0
        public var leastSeconds = 15
        public var longestSeconds = 60
        public var backoff = Backoff.linear

        public init() {}

        /// Seconds before the second try, the third, …
        public var delays: [Double] {
            let growing = count - immediate - beforeBackoff - afterBackoff
            return Array(repeating: 0, count: immediate)
                + Array(repeating: Double(leastSeconds), count: beforeBackoff)
                + (0..<growing).map { grown($0, of: growing) }
                + Array(repeating: Double(longestSeconds), count: afterBackoff)
        }

        /// From the least delay at the first step to the longest at the last.
        private func grown(_ step: Int, of steps: Int) -> Double {
            let least = Double(leastSeconds)
            let range = Double(longestSeconds) - least
            guard steps > 1 else { return least }
            let (step, last) = (Double(step), Double(steps - 1))
            return switch backoff {
            case .linear: least + range * step / last
            case .arithmetic: least + range * step * (step + 1) / (last * (last + 1))
            case .geometric: least * pow(Double(longestSeconds) / least, step / last)
            case .exponential: least + range * (pow(2, step) - 1) / (pow(2, last) - 1)
            }
        }
    }

    /// The most attempts in a time; they are spread over it.
    public enum Throttle: Sendable, Equatable {
        case perSecond(Int)
        case perMinute(Int)
    }

    /// Nil for the notifier's own.
    public var retries: Retries?
    public var throttle: Throttle?

    public init(retries: Retries? = nil, throttle: Throttle? = nil) {
        self.retries = retries
        self.throttle = throttle
    }

    /// Three tries within two minutes: after 15 seconds and after 60 more.
    public static let usual = Retries()
}
