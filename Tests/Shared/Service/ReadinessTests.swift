import Events
import Synchronization
import Telemetry
import Testing

@testable import Service

@Suite("Readiness", .timeLimit(.minutes(5)))
struct ReadinessTests {
    @Test("names what is away, and why")
    func names() async {
        let readiness = readiness([
            "lake": {}, "warehouse": { throw HandlingError(.transient, "w", "no route") },
        ])
        #expect(readiness.wasReady)
        #expect(await readiness.failures() == ["warehouse": "no route"])
        #expect(!readiness.wasReady)
    }

    @Test("takes a check that does not end for a part that is away")
    func hangs() async {
        let readiness = readiness(["lake": { try await Task.sleep(for: .seconds(3600)) }])
        #expect(await readiness.failures()["lake"]?.contains("did not end") == true)
    }

    @Test("asks once for all who want to know within a second")
    func cached() async {
        let calls = Mutex(0)
        let readiness = readiness(["lake": { calls.withLock { $0 += 1 } }])
        await withTaskGroup { group in
            for _ in 0..<20 { group.addTask { _ = await readiness.failures() } }
        }
        #expect(calls.withLock { $0 } == 1)
    }

    @Test("asks again when something has failed since")
    func since() async {
        let calls = Mutex(0)
        let readiness = readiness(["lake": { calls.withLock { $0 += 1 } }])
        _ = await readiness.failures()
        _ = await readiness.failures(since: .now)
        #expect(calls.withLock { $0 } == 2)
    }

    @Test("waits for a part to come back, but not for ever")
    func returns() async {
        let calls = Mutex(0)
        let readiness = readiness([
            "lake": {
                let call = calls.withLock { calls in
                    calls += 1
                    return calls
                }
                if call < 3 { throw HandlingError(.transient, "l", "away") }
            }
        ])
        _ = await readiness.failures()
        #expect(await !readiness.returns(within: .milliseconds(1)))
        #expect(await readiness.returns(within: .seconds(10)))
    }

    private func readiness(_ checks: [String: Readiness.Check]) -> Readiness {
        Readiness(
            checks, limit: .milliseconds(100), log: Log(service: "test", threshold: .error),
            metrics: Metrics())
    }
}
