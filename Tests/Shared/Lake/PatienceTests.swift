import Lake
import Testing

@Suite("Patience")
struct PatienceTests {
    @Test("grows from a minute to an hour")
    func grows() {
        var patience = Patience()
        var now = ContinuousClock.now
        for pause in [60, 120, 240, 480, 960, 1920, 3600, 3600] {
            let isDue = patience.isDue("a", at: now)
            patience.begin("a", at: now)
            let isDueSoon = patience.isDue("a", at: now + .seconds(pause - 1))
            #expect(isDue && !isDueSoon)
            now += .seconds(pause)
        }
    }

    @Test("forgets what was not met again")
    func forgets() {
        var patience = Patience()
        patience.begin("a")
        patience.forgetOthers()
        let isKnown = !patience.isDue("a")
        patience.forgetOthers()
        patience.forgetOthers()
        let isForgotten = patience.isDue("a")
        #expect(isKnown && isForgotten)
    }
}
