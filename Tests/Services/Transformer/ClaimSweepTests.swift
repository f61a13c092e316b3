import Broker
import Events
import Foundation
import Lake
import Testing

@testable import transformer

@Suite("The sweep of claims")
struct ClaimSweepTests {
    @Test("says the event of a forgotten batch again, which then goes on")
    func forgotten() async throws {
        try await Rig.with(engine: LineEngine()) { rig in
            let landed: ObjectLanded = try await rig.land("a.csv", "1\n").payload()
            let batch = try #require(LakeKeys.landed(landed.object)?.id)
            _ = try await Claiming(lake: rig.lake).objects(of: landed, batch: batch)
            let publisher = RecordingPublisher()
            let young = ClaimSweep(
                lake: rig.lake, context: Rig.context(publisher), age: .seconds(60))
            try await young.sweep()
            #expect(publisher.events.isEmpty, "its event may be under way")
            let sweep = ClaimSweep(
                lake: rig.lake, context: Rig.context(publisher), age: .seconds(-60))
            try await sweep.sweep()
            let event = try #require(publisher.events.first)
            #expect(event.id == "\(batch).landed")
            let again: ObjectLanded = try event.payload()
            #expect(again.object == landed.object && again.revision == landed.revision)
            #expect(try rig.facts(try await rig.handler.handle(event))?.counts.read == 1)
            try await rig.handler.confirmed(event)
            try await sweep.sweep()
            #expect(publisher.events.count == 1)
        }
    }

    @Test("leaves a batch alone that a living job works on")
    func busy() async throws {
        try await Rig.with(engine: LineEngine()) { rig in
            let landed: ObjectLanded = try await rig.land("a.csv", "1\n").payload()
            let batch = try #require(LakeKeys.landed(landed.object)?.id)
            _ = try await Claiming(lake: rig.lake).objects(of: landed, batch: batch)
            let publisher = RecordingPublisher()
            let sweep = ClaimSweep(
                lake: rig.lake, context: Rig.context(publisher), age: .seconds(-60))
            try await Workplace.with(rig.lake, batch) { _ in try await sweep.sweep() }
            #expect(publisher.events.isEmpty)
            try await sweep.sweep()
            #expect(publisher.events.count == 1)
        }
    }

    @Test("ends a claim that came to nothing")
    func empty() async throws {
        try await Rig.with(engine: LineEngine()) { rig in
            let event = try await rig.land("a.csv", "1\n")
            let landed: ObjectLanded = try event.payload()
            let batch = try #require(LakeKeys.landed(landed.object)?.id)
            let claim = Claim(
                revision: rig.revision,
                objects: [
                    Claim.Object(
                        landing: landed.object, name: "\(batch)-a.csv", bytes: 2, sha256: nil,
                        times: [:])
                ], claimedAt: Date())
            try await rig.lake.put(
                EventJSON.encode(claim), at: LakeKeys.claim("shop", "books", batch: batch))
            // Another batch was faster.
            #expect(try await rig.lake.move(landed.object, to: "working/shop/books/\(ULID())/x"))
            #expect(try await rig.handler.handle(event).isEmpty)
            #expect(try await rig.keys("claims/").isEmpty)
        }
    }
}
