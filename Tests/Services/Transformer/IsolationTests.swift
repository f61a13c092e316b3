import Engine
import Events
import Foundation
import Lake
import Testing

@testable import transformer

@Suite("An object that kills the engine")
struct IsolationTests {
    @Test("is refused alone and kept, and the rest of its batch goes on", arguments: [1, 2, 20])
    func isolated(count: Int) async throws {
        let engine = LineEngine()
        try await Rig.with(engine: engine) { rig in
            let killer = ULID(at: Date(timeIntervalSinceNow: -50))
            _ = try await rig.land("kill.csv", "1\nkill\n", id: killer)
            var event = try await rig.land("a.csv", "a\n")
            for number in 1..<count { event = try await rig.land("\(number).csv", "\(number)\n") }
            await #expect(throws: EngineError.self, "once proves nothing") {
                try await rig.handler.handle(event)
            }
            let facts = try #require(try rig.facts(try await rig.handler.handle(event)))
            #expect(facts.objects.count == count + 1)
            let refused = facts.objects.filter { $0.refusal != nil }
            #expect(refused.map(\.name) == ["\(killer)-kill.csv"])
            #expect(refused.first?.refusal?.contains("killed by signal 9") == true)
            #expect(facts.counts == Counts(read: count + 1, rejected: 1))
            let processed = try await rig.lake.get(try #require(facts.processed), limitBytes: 9_999)
            #expect(
                String(decoding: processed, as: UTF8.self).split(separator: "\n").count == count)
            let kept = try await rig.keys("quarantine/").filter { $0.hasSuffix("kill.csv") }
            #expect(kept.count == 1)
            #expect(try await rig.lake.get(kept[0], limitBytes: 99) == Data("1\nkill\n".utf8))
            // Told again, it is the same, and the engine has rest.
            let runs = engine.count
            #expect(try rig.facts(try await rig.handler.handle(event)) == facts)
            try await rig.handler.confirmed(event)
            #expect(engine.count == runs)
            #expect(try await rig.keys("claims/").isEmpty)
        }
    }

    @Test("is refused when it is the only one of its batch")
    func alone() async throws {
        try await Rig.with(engine: LineEngine()) { rig in
            let event = try await rig.land("kill.csv", "kill\n")
            await #expect(throws: EngineError.self) { try await rig.handler.handle(event) }
            let facts = try #require(try rig.facts(try await rig.handler.handle(event)))
            #expect(facts.counts == Counts(read: 1, rejected: 1) && facts.processed == nil)
        }
    }

    @Test("is found where the engine is a real program that gets killed", .enabled(if: Rig.isReady))
    func realEngine() async throws {
        try await Rig.withProgram(dyingOf: "kill.csv") { rig in
            _ = try await rig.land(
                "kill.csv", "id,title\n1,one\n", id: ULID(at: Date(timeIntervalSinceNow: -50)))
            _ = try await rig.land(
                "b.csv", "id,title\n2,two\n", id: ULID(at: Date(timeIntervalSinceNow: -40)))
            let event = try await rig.land("a.csv", "id,title\n3,three\nx,bad\n")
            let death = await #expect(throws: EngineError.self) {
                try await rig.handler.handle(event)
            }
            #expect(death?.kind == .crashed)
            let facts = try #require(try rig.facts(try await rig.handler.handle(event)))
            #expect(facts.counts == Counts(read: 4, rejected: 2))
            #expect(facts.objects.first?.refusal?.contains("killed by signal 9") == true)
            #expect(facts.rejects != nil && facts.processed != nil)
        }
    }
}
