import Broker
import Events
import Foundation
import Kit
import Synchronization
import Telemetry
import Testing

@testable import Service

@Suite("The watch over disks", .timeLimit(.minutes(5)))
struct DiskWatchTests {
    @Test("tells when one is nearly full, and when it has room again")
    func low() async throws {
        let said = RecordingPublisher()
        let free = Mutex(100)
        let context = ServiceContext(
            name: "lander", host: "here", log: Log(service: "lander", write: { _ in }),
            metrics: Metrics(), publisher: said)
        var watch = DiskWatch(disks: ["spool": "/spool"], limit: 5, context: context)
        watch.measure = { _ in (free.withLock { $0 } << 20, 1_000 << 20) }
        var low: [String: Bool] = [:]
        // Below the limit, around it, above it.
        for (room, count) in [(49, 1), (55, 1), (61, 2), (55, 2), (49, 3)] {
            free.withLock { $0 = room }
            await watch.look(&low)
            #expect(said.events.count == count, "\(room)")
        }
        #expect(said.events.map(\.kind) == [.alertRaised, .alertResolved, .alertRaised])
        let alert: AlertRaised = try #require(said.events.first).payload()
        #expect(alert.key == "disk_low:lander:here:spool")
        #expect(alert.title == "the spool of lander on here is nearly full")
        #expect(alert.detail.hasPrefix("/spool has 49 MiB left, less than 5%."))
    }

    @Test("says at the start that there is room, for what an earlier process said")
    func start() async throws {
        let said = RecordingPublisher()
        let context = ServiceContext(
            name: "lander", host: "here", log: Log(service: "lander", write: { _ in }),
            metrics: Metrics(), publisher: said)
        var low: [String: Bool] = [:]
        let watch = DiskWatch(
            disks: ["lake": "/"], limit: 0, context: context)
        await watch.look(&low)
        await watch.look(&low)
        #expect(said.events.map(\.kind) == [.alertResolved])
    }
}
