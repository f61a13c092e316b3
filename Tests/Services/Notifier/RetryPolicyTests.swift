import Testing

@testable import notifier

@Suite("A retry policy")
struct RetryPolicyTests {
    private let policy = RetryPolicy(delays: [.seconds(15), .seconds(60)])

    @Test(
        "plans as many tries as there are pauses, and one",
        arguments: [(1, Duration.seconds(15)), (2, .seconds(60)), (3, nil), (4, nil), (0, nil)]
            as [(Int, Duration?)])
    func planned(attempt: Int, expected: Duration?) {
        #expect(policy.pause(afterAttempt: attempt, asked: nil, jitter: 0) == expected)
    }

    @Test("spreads tries by a fifth", arguments: [(-1.0, 12), (1.0, 18)])
    func jitter(jitter: Double, seconds: Int) {
        let pause = policy.pause(afterAttempt: 1, asked: nil, jitter: jitter)
        #expect(pause == .seconds(seconds))
    }

    @Test(
        "lets the other side ask for up to twice the pause, not for less and not for more tries",
        arguments: [(1, 0, 15), (1, 20, 20), (1, 3600, 30), (2, 90, 90), (3, 1, nil)]
            as [(Int, Int, Int?)])
    func asked(attempt: Int, asked: Int, expected: Int?) {
        let pause = policy.pause(afterAttempt: attempt, asked: .seconds(asked), jitter: 1)
        #expect(pause == expected.map { .seconds($0) })
    }

    @Test("may be to try once")
    func once() {
        let policy = RetryPolicy(delays: [])
        #expect(policy.pause(afterAttempt: 1, asked: .seconds(1), jitter: 0) == nil)
    }
}
