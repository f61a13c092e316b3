import Events
import Foundation
import Lake
import Spool
import Testing

@testable import lander

@Suite("Landing a segment")
struct SegmentLandingTests {
    @Test("gives one object and the same event, however often it is asked")
    func idempotent() async throws {
        try await withBench { bench in
            let segment = try await bench.segment()
            let event = try segment.event(from: "/millrace/ingest/here")
            var said: [Event] = []
            for _ in 0..<3 { said += try await bench.landing.handle(event) }
            #expect(said.map(\.id) == Array(repeating: "\(segment.id).landed", count: 3))
            let objects: [ObjectLanded] = try said.map { try $0.payload() }
            #expect(Set(objects.map(\.object)).count == 1)
            let object = try #require(objects.first)
            #expect(try await bench.keys() == [object.object])
            #expect(object.object.hasSuffix("/\(segment.id)-a_b.csv"))
            #expect(object.sha256 == segment.facts.sha256 && object.bytes == 5)
            #expect(object.times.keys.count == 3)
            #expect(said.first?.causation == event.id)
        }
    }

    @Test("lets go of the segment once that is confirmed, and then says nothing more")
    func confirmed() async throws {
        try await withBench { bench in
            let segment = try await bench.segment()
            let event = try segment.event(from: "/millrace/ingest/here")
            _ = try await bench.landing.handle(event)
            for _ in 0..<2 { try await bench.landing.confirmed(event) }
            #expect(try await bench.spool.state(of: segment.id) == .finished)
            // A transformer has claimed it meanwhile.
            try await bench.lake.delete(bench.keys())
            #expect(try await bench.landing.handle(event).isEmpty)
        }
    }

    @Test("says it again when it was claimed before anybody confirmed")
    func claimed() async throws {
        try await withBench { bench in
            let event = try await bench.segment().event(from: "/millrace/ingest/here")
            _ = try await bench.landing.handle(event)
            try await bench.lake.delete(bench.keys())
            #expect(try await bench.landing.handle(event).count == 1)
        }
    }

    @Test("ends well when the process died between the lake and the spool")
    func copied() async throws {
        try await withBench { bench in
            let segment = try await bench.segment()
            let event = try segment.event(from: "/millrace/ingest/here")
            let bytes = try Data(contentsOf: URL(fileURLWithPath: segment.path))
            _ = try await bench.landing.handle(event)
            try bytes.write(to: URL(fileURLWithPath: segment.path))
            #expect(try await bench.landing.handle(event).count == 1)
            try await bench.landing.confirmed(event)
            #expect(try await bench.keys().count == 1)
            #expect(try await bench.spool.ids().isEmpty)
        }
    }

    @Test("is done once when many workers have the event")
    func race() async throws {
        try await withBench { bench in
            let event = try await bench.segment().event(from: "/millrace/ingest/here")
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<8 {
                    group.addTask { try await bench.landing.handle(event).count }
                }
                for try await count in group { #expect(count == 1) }
            }
            #expect(try await bench.keys().count == 1)
        }
    }

    @Test("passes over a segment of another host")
    func otherHost() async throws {
        try await withBench { bench in
            let segment = try await bench.segment(host: "there")
            let event = try segment.event(from: "/millrace/ingest/there")
            #expect(try await bench.landing.handle(event).isEmpty)
            try await bench.landing.confirmed(event)
            #expect(try await bench.spool.ids() == [segment.id])
        }
    }

    @Test("sets aside a segment that is nowhere, with a pointed reason")
    func lost() async throws {
        try await withBench { bench in
            let segment = try await bench.segment()
            let event = try segment.event(from: "/millrace/ingest/here")
            for ending in ["segment", "json"] {
                try FileManager.default.removeItem(
                    atPath: "\(bench.path)/spool/\(segment.id).\(ending)")
            }
            let error = await #expect(throws: HandlingError.self) {
                _ = try await bench.landing.handle(event)
            }
            #expect(error?.disposition == .permanent)
            #expect(error?.description.contains("put the file in again") == true)
        }
    }
}
