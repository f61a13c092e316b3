import Testing
import Warehouse

@testable import notifier

@Suite("A retry policy")
struct RetryPolicyTests {
    private let policy = RetryPolicy(DeliveryPolicy.usual)

    @Test("is three tries within two minutes, if nobody says otherwise")
    func usual() {
        #expect(policy.delays == [.seconds(15), .seconds(60)])
        #expect(policy.pause(afterTry: 3, asked: nil, jitter: 1) == nil)
        let longest = (1...2).compactMap {
            policy.pause(afterTry: $0, asked: .seconds(9999), jitter: 1)
        }
        #expect(longest.reduce(.zero, +) <= .seconds(120))
    }

    @Test("spreads tries that failed together", arguments: [(-1.0, 12.0), (0, 15), (1, 18)])
    func jitter(jitter: Double, seconds: Double) {
        #expect(policy.pause(afterTry: 1, asked: nil, jitter: jitter) == .seconds(seconds))
    }

    @Test(
        "obeys the other side between the planned pause and its own longest",
        arguments: [
            (1, 0, 15), (1, 15, 15), (1, 20, 20), (1, 31_536_000, 60), (2, 1, 60), (2, 70, 60),
        ])
    func asked(number: Int, asked: Int, seconds: Int) {
        #expect(
            policy.pause(afterTry: number, asked: .seconds(asked), jitter: 0) == .seconds(seconds))
    }

    @Test("of no delays is one try")
    func once() {
        #expect(RetryPolicy(delays: []).pause(afterTry: 1, asked: .seconds(1), jitter: 0) == nil)
    }
}

@Suite("The rule by which a subscription is disabled")
struct DisableRuleTests {
    @Test(
        "wants both the time and the deliveries",
        arguments: [(5 * 86_400, 10, true), (5 * 86_400 - 1, 999, false), (500 * 86_400, 9, false)])
    func both(seconds: Int, deliveries: Int, isDisabled: Bool) {
        let reason = DisableRule.usual.reason(failingFor: .seconds(seconds), deliveries: deliveries)
        #expect((reason != nil) == isDisabled)
    }

    @Test("says for how long")
    func words() {
        let reason = DisableRule.usual.reason(failingFor: .seconds(6 * 86_400), deliveries: 12)
        #expect(reason == "every attempt has failed for 6 days, and 12 deliveries were given up")
    }
}
