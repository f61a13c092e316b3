import Lanes
import Testing

@Suite("A backoff")
struct BackoffTests {
    @Test("doubles, stays above half of its step and below the cap")
    func grows() {
        var backoff = Backoff(from: .seconds(1), upTo: .seconds(5))
        for step in [1.0, 2, 4, 5, 5, 5] {
            let pause = backoff.next()
            #expect(pause <= .seconds(step))
            #expect(pause >= .seconds(step / 2))
        }
    }

    @Test("starts again after a success")
    func resets() {
        var backoff = Backoff(from: .seconds(1), upTo: .seconds(60))
        for _ in 0..<10 { _ = backoff.next() }
        backoff.reset()
        #expect(backoff.next() <= .seconds(1))
    }
}
