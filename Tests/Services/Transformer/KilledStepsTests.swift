import Broker
import Events
import Foundation
import Lake
import Testing

@testable import transformer

@Suite("A transformer that is killed at any of its steps")
struct KilledStepsTests {
    /// Lands objects and handles their events; the handling that dies is done again by a new
    /// transformer, or its event is lost.
    ///
    /// - Returns: False when there was no such step.
    private func play(_ death: FaultyStore.Death, losingEvents: Bool) async throws -> Bool {
        try await Rig.with(engine: LineEngine()) { rig in
            var events: [Event] = []
            for number in 0..<4 {
                let id = ULID(at: Date(timeIntervalSinceNow: Double(number - 100)))
                events.append(try await rig.land("\(number).csv", "line \(number)\n", id: id))
            }
            let store = FaultyStore(rig.lake, death)
            let dying = rig.transformer(over: store)
            // The newest first: its batch takes the others along.
            var left = Array(events.reversed())
            while let event = left.first, !store.isDead {
                do {
                    _ = try await dying.handle(event)
                    try await dying.confirmed(event)
                    left.removeFirst()
                } catch {
                    #expect(store.isDead, "\(error)")
                }
            }
            if losingEvents, !left.isEmpty { left.removeFirst() }
            try await finish(rig, left, events)
            try await check(rig, death)
            return store.isDead
        }
    }

    /// What the living do afterwards.
    private func finish(_ rig: Rig, _ left: [Event], _ all: [Event]) async throws {
        let publisher = RecordingPublisher()
        let sweep = ClaimSweep(
            lake: rig.lake, context: Rig.context(publisher), age: .seconds(-60))
        try await sweep.sweep()
        // The lander tells of what still lies in the landing zone.
        let landing = Set(try await rig.keys("landing/"))
        let forgotten = try all.filter { event in
            landing.contains(try event.payload(ObjectLanded.self).object)
        }
        for event in left + publisher.events + forgotten {
            _ = try await rig.handler.handle(event)
            try await rig.handler.confirmed(event)
        }
    }

    private func check(_ rig: Rig, _ death: FaultyStore.Death) async throws {
        var lines: [String] = []
        for key in try await rig.keys("processed/") where key.hasSuffix(".json") {
            let facts = try EventJSON.decode(
                BatchFacts.self, from: try await rig.lake.get(key, limitBytes: 1 << 20))
            let processed = try await rig.lake.get(
                try #require(facts.processed), limitBytes: 1 << 20)
            lines += String(decoding: processed, as: UTF8.self).split(separator: "\n").map(
                String.init)
        }
        #expect(lines.sorted() == (0..<4).map { "line \($0)" }, "\(death)")
        #expect(try await rig.keys("landing/").isEmpty, "\(death)")
        #expect(try await rig.keys("claims/").isEmpty, "\(death)")
        let scratch = try await rig.lake.scratch()
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch).isEmpty, "\(death)")
    }

    @Test("transforms every record once", arguments: [false, true], [false, true])
    func everyStep(isAfter: Bool, losingEvents: Bool) async throws {
        var step = 0
        while try await play(
            FaultyStore.Death(step: step, isAfter: isAfter), losingEvents: losingEvents)
        { step += 1 }
        #expect(step >= 8, "claim, four moves, output, manifest, end of the claim")
    }
}
