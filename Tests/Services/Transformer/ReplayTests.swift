import Events
import Foundation
import Lake
import Testing

@testable import transformer

@Suite("A replay of a batch", .enabled(if: Rig.isReady, "MILLRACE_DUCKDB names no duckdb"))
struct ReplayTests {
    @Test("reads the raw objects again, where they are, and says the same when asked twice")
    func again() async throws {
        try await Rig.with { rig in
            let first = try await rig.transformed("id,title\n1,one\nx,bad\n")
            let request = rig.request(first, .transform)
            let event = try Event(request, id: request.eventID, from: "/test")
            let facts = try #require(try rig.facts(try await rig.handler.handle(event)))
            #expect(facts.batch == request.batch && facts.replay?.of == first.batch)
            #expect(facts.counts == first.counts && facts.objects[0].name == first.objects[0].name)
            #expect(facts.processed != first.processed)
            #expect(try rig.facts(try await rig.handler.handle(event)) == facts)
            try await rig.handler.confirmed(event)
            #expect(try await rig.keys("claims/\(first.pipeline)").count == 1)
            #expect(try await rig.keys("working/").count == 1)
            // A replay of the replay reads the same objects.
            let next = rig.request(facts, .transform)
            let second = try await rig.handler.replay(next)
            #expect(second.replay?.chain == [facts.batch, first.batch])
            #expect(second.counts == first.counts)
        }
    }

    @Test("from the typed rows takes the same files under the new name")
    func load() async throws {
        try await Rig.with { rig in
            let first = try await rig.transformed("id,title\n1,one\nx,bad\n")
            let facts = try await rig.handler.replay(rig.request(first, .load))
            #expect(facts.processed == first.processed && facts.rejects == first.rejects)
            #expect(facts.counts == first.counts && facts.replay?.from == .load)
            try await rig.lake.delete([try #require(first.processed)])
            await #expect(throws: HandlingError.self) {
                try await rig.handler.replay(rig.request(first, .load))
            }
        }
    }

    @Test("of an object that was refused as a whole finds it in the quarantine")
    func quarantine() async throws {
        try await Rig.with { rig in
            let first = try await rig.transformed("other,header\n1,one\n")
            #expect(first.objects[0].refusal != nil)
            let facts = try await rig.handler.replay(rig.request(first, .transform))
            #expect(facts.objects[0].refusal == first.objects[0].refusal)
            #expect(try await rig.keys("quarantine/").count { $0.hasSuffix("a.csv") } == 1)
        }
    }

    @Test("is refused for good when the raw objects are gone, and leaves no claim")
    func gone() async throws {
        try await Rig.with { rig in
            let first = try await rig.transformed("id,title\n1,one\n")
            try await rig.lake.delete(try await rig.keys("working/"))
            let error = await #expect(throws: HandlingError.self) {
                try await rig.handler.replay(rig.request(first, .transform))
            }
            #expect(error?.errorClass == "replay.gone" && error?.disposition == .permanent)
            #expect(try await rig.keys("claims/").allSatisfy { $0.contains("\(first.batch)") })
        }
    }

    @Test("keeps its raw objects from retention, and its event is said again when it is lost")
    func unfinished() async throws {
        try await Rig.with { rig in
            let first = try await rig.transformed("id,title\n1,one\n")
            let request = rig.request(first, .transform)
            let claim = Claim(
                revision: rig.revision, objects: [], claimedAt: Date(),
                replay: Replay(of: [first.batch], from: .transform), request: request)
            let key = LakeKeys.claim("shop", "books", batch: request.batch)
            try await rig.lake.put(EventJSON.encode(claim), at: key)
            let retention = WorkingRetention(lake: rig.lake, age: .seconds(-60))
            #expect(try await retention.clean() == 0)
            // Whoever goes on with the claim finds the objects.
            #expect(try await rig.handler.replay(request).counts == first.counts)
            try await rig.lake.delete([key])
            #expect(try await retention.clean() == 1)
        }
    }
}

extension Rig {
    fileprivate func transformed(_ text: String) async throws -> BatchFacts {
        let event = try await land("a.csv", text)
        return try #require(try facts(try await handler.handle(event)))
    }

    fileprivate func request(_ facts: BatchFacts, _ stage: ReplayStage) -> ReplayRequested {
        ReplayRequested(
            pipeline: facts.pipeline, dataset: facts.dataset, batch: ULID(), of: facts.batch,
            from: stage, revision: revision, requestedAt: Date())
    }
}
