import Events
import Testing

@testable import Broker
@testable import Service

@Suite("A retry policy")
struct RetryPolicyTests {
    private let policy = RetryPolicy(delays: [.seconds(15), .seconds(60)])

    @Test(
        "tries three times, 15 and 60 seconds apart",
        arguments: [
            (1, RetryPolicy.Verdict.retry(DelayLevel(seconds: 15))),
            (2, .retry(DelayLevel(seconds: 60))), (3, .setAside(.failed)), (99, .setAside(.failed)),
        ])
    func transient(attempt: Int, expected: RetryPolicy.Verdict) {
        #expect(policy.verdict(on: .transient, attempt: attempt) == expected)
    }

    @Test(
        "does not come back before the other side asked for, nor after two minutes",
        arguments: [(1, 15), (20, 30), (31, 60), (100, 120), (3600, 120)])
    func throttled(wish: Int, expected: Int) {
        let verdict = policy.verdict(on: .throttled(.seconds(wish)), attempt: 1)
        #expect(verdict == .retry(DelayLevel(seconds: expected)))
    }

    @Test(
        "does not charge an event for what befalls all, and leaves no attempt out",
        arguments: [(1, 15), (2, 60), (3, 60)])
    func spared(attempt: Int, seconds: Int) {
        let verdict = policy.verdict(on: .transient, attempt: attempt, isSpared: true)
        #expect(verdict == .spare(DelayLevel(seconds: seconds)))
        #expect(policy.verdict(on: .poison, attempt: attempt, isSpared: true) == .setAside(.poison))
    }

    @Test("does not try again what cannot succeed")
    func permanent() {
        #expect(policy.verdict(on: .permanent, attempt: 1) == .setAside(.permanent))
        #expect(policy.verdict(on: .poison, attempt: 1) == .setAside(.poison))
    }
}
