import Testing

@testable import transformer

@Suite("A suspicion")
struct SuspicionTests {
    /// Plays an engine that dies of some objects.
    ///
    /// - Returns: How often it ran until it got through the whole batch.
    private func play(
        _ names: [String], killers: Set<String>, _ suspicion: inout Suspicion, limit: Int = 200
    ) -> Int {
        for run in 1...limit {
            let tried = suspicion.tried(of: names)
            if killers.isDisjoint(with: tried) {
                if suspicion.next == .whole { return run }
                suspicion.survived()
            } else {
                suspicion.died(on: tried, saying: "killed by signal 9")
            }
        }
        return limit
    }

    @Test("finds every killer and nobody else", arguments: [1, 2, 3, 7, 64, 200])
    func finds(count: Int) {
        let names = (0..<count).map { "object-\($0)" }
        let seed = UInt64.random(in: 0 ... .max)
        var state = seed
        let killers = Set(
            names.filter { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return (state >> 33) % UInt64(count) < 2
            })
        var suspicion = Suspicion()
        let runs = play(names, killers: killers, &suspicion)
        #expect(Set(suspicion.guilty.keys) == killers, "seed \(seed)")
        #expect(runs < 200 || killers.count > 5, "seed \(seed)")
    }

    @Test("tries nothing after one death, which proves nothing")
    func patient() {
        var suspicion = Suspicion()
        suspicion.died(on: ["a", "b"], saying: "")
        #expect(suspicion.next == .whole && suspicion.guilty.isEmpty)
    }

    @Test("finds a killer among 200 with few runs")
    func fast() {
        let names = (0..<200).map { "object-\($0)" }
        var suspicion = Suspicion()
        #expect(play(names, killers: ["object-77"], &suspicion) < 25)
    }

    @Test("does not accuse an object that was killed once while it was alone")
    func chance() {
        var suspicion = Suspicion()
        for _ in 0..<2 { suspicion.died(on: ["a", "b"], saying: "") }
        suspicion.died(on: ["a"], saying: "")
        #expect(suspicion.next == .trial(["a"]))
        suspicion.survived()
        suspicion.survived()
        #expect(suspicion.next == .whole && suspicion.guilty.isEmpty)
    }

    @Test("blames nobody when only all together are too much")
    func together() {
        var suspicion = Suspicion()
        for _ in 0..<2 { suspicion.died(on: ["a", "b"], saying: "") }
        suspicion.survived()
        suspicion.survived()
        #expect(suspicion.next == .whole && suspicion.guilty.isEmpty)
    }
}
