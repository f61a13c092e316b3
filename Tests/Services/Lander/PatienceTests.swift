import Testing

@testable import lander

@Suite("Patience")
struct PatienceTests {
    @Test("grows from a minute to an hour")
    func grows() {
        var patience = Patience()
        var now = ContinuousClock.now
        for pause in [60, 120, 240, 480, 960, 1920, 3600, 3600] {
            let isDue = patience.isDue("a", at: now)
            let isDueSoon = patience.isDue("a", at: now + .seconds(pause - 1))
            #expect(isDue && !isDueSoon)
            now += .seconds(pause)
        }
    }

    @Test("forgets what is gone")
    func forgets() {
        var patience = Patience()
        let first = patience.isDue("a")
        patience.keep([])
        let second = patience.isDue("a")
        #expect(first && second)
    }
}
