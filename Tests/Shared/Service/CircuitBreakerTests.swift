import Lanes
import Testing

@testable import Service

@Suite("A circuit breaker")
struct CircuitBreakerTests {
    private let start = ContinuousClock.now
    private var breaker = CircuitBreaker(
        limit: 3, pauses: Backoff(from: .seconds(5), upTo: .seconds(60)))

    @Test("opens when several different events fail in a row, and spares the last of them")
    mutating func opens() throws {
        expect([false, false, true], fail("a", "b", "c"))
        let pause = try start.duration(to: end())
        #expect(pause >= .seconds(2.5) && pause <= .seconds(5))
    }

    @Test("stays closed for one event that fails again and again")
    mutating func alone() {
        expect([false, false, false, false, false], fail("a", "a", "a", "b", "a"))
        #expect(breaker.state == .closed)
    }

    @Test("stays closed while others succeed")
    mutating func others() {
        for id in ["a", "b", "c", "d", "e", "f"] {
            expect([false], fail(id))
            if id == "b" || id == "d" { breaker.succeeded() }
        }
        #expect(breaker.state == .closed)
    }

    @Test("spares what was in hand when it opened, and waits no longer for it")
    mutating func inHand() throws {
        _ = fail("a", "b", "c")
        let before = breaker.state
        expect([true, true], fail("d", "a"))
        #expect(breaker.state == before)
    }

    @Test("lets one event try after the pause, and not before")
    mutating func probes() throws {
        _ = fail("a", "b", "c")
        let end = try end()
        breaker.look(at: end - .milliseconds(1))
        #expect(breaker.state == .open(until: end))
        breaker.look(at: end)
        #expect(breaker.state == .probing)
    }

    @Test("closes when the one goes well, and counts anew")
    mutating func closes() throws {
        _ = fail("a", "b", "c")
        breaker.look(at: try end())
        breaker.succeeded()
        #expect(breaker.state == .closed)
        expect([false, false], fail("a", "b"))
    }

    @Test("waits longer after each one that fails, up to a minute, and short again after a success")
    mutating func grows() throws {
        _ = fail("a", "b", "c")
        for longest in [10, 20, 40, 60, 60] {
            let now = try end()
            breaker.look(at: now)
            let isSpared = breaker.failed("x", at: now)
            #expect(isSpared)
            let pause = now.duration(to: try end())
            #expect(pause >= .seconds(longest) / 2 && pause <= .seconds(longest))
        }
        breaker.succeeded()
        _ = fail("a", "b", "c")
        #expect(try start.duration(to: end()) <= .seconds(5))
    }

    @Test("closes for whatever goes well, also what was in hand before")
    mutating func late() {
        _ = fail("a", "b", "c")
        breaker.succeeded()
        #expect(breaker.state == .closed)
    }

    private func expect(_ expected: [Bool], _ isSpared: [Bool]) {
        #expect(isSpared == expected)
    }

    private mutating func fail(_ ids: String...) -> [Bool] {
        ids.map { breaker.failed($0, at: start) }
    }

    private func end() throws -> ContinuousClock.Instant {
        guard case .open(let end) = breaker.state else {
            throw HandlingProblem.isNotOpen
        }
        return end
    }

    private enum HandlingProblem: Error { case isNotOpen }
}
