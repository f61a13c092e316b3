import Events
import Foundation
import Lake
import Spool
import Testing

@testable import lander

@Suite("A source's state on its way into the lake", .timeLimit(.minutes(5)))
struct StateLandingTests {
    private static let name = "shop.orders"

    /// A segment of a run that brought records of these datasets.
    private func commit(
        _ text: String, in bench: Bench, _ datasets: [String] = ["orders"]
    ) async throws -> [Segment] {
        var parts: [(GrowingSegment, SegmentLabel)] = []
        for dataset in datasets {
            let segment = try #require(try await bench.spool.begin().first)
            try Array("{\"id\": \(text)}\n".utf8).withUnsafeBytes { try segment.write($0) }
            let label = SegmentLabel(
                pipeline: "shop", revision: "0123456789ab", dataset: dataset, host: "here",
                name: "\(dataset).jsonl")
            parts.append((segment, label))
        }
        return try await bench.spool.commit(parts, note: SourceNote(source: Self.name, text: text))
    }

    private func land(_ segment: Segment, _ bench: Bench) async throws -> [Event] {
        let event = try segment.event(from: "/millrace/ingest/here")
        let said = try await bench.landing.handle(event)
        try await bench.landing.confirmed(event)
        return said
    }

    @Test("lands with the segments in their order, whatever order they are told of")
    func order() async throws {
        try await withBench { bench in
            let states = SourceStates(lake: bench.lake)
            var segments: [Segment] = []
            for text in ["1", "2", "3"] { segments += try await commit(text, in: bench) }
            #expect(try await land(segments[1], bench).count == 1)
            #expect(try await bench.keys().count == 2)
            #expect(try await states.current(Self.name)?.text == "2")
            for segment in [segments[2], segments[0]] {
                #expect(try await land(segment, bench).count == 1)
            }
            let state = try #require(try await states.read(Self.name))
            #expect(state.text == "3" && state.segment == segments[2].id && state.next == nil)
            #expect(try await land(segments[2], bench).isEmpty)
        }
    }

    @Test("lands with all segments of its run", arguments: [0, 1])
    func group(first: Int) async throws {
        try await withBench { bench in
            let run = try await commit("1", in: bench, ["orders", "items"])
            #expect(try await land(run[first], bench).count == 1)
            #expect(try await bench.keys().count == 2)
            let states = SourceStates(lake: bench.lake)
            #expect(try await states.read(Self.name)?.segment == run[1].id)
            #expect(try await land(run[1 - first], bench).count == 1)
        }
    }

    @Test("is not moved by a segment whose records another host has read again", arguments: [0, 1])
    func setAside(first: Int) async throws {
        try await withBench { bench in
            _ = try await land(try await commit("1", in: bench)[0], bench)
            let run = try await commit("2", in: bench, ["orders", "items"])
            let states = SourceStates(lake: bench.lake)
            let other = SourceState(text: "2 of another", segment: ULID())
            try await states.write(other, of: Self.name)
            for index in [first, 1 - first, first] {
                #expect(try await land(run[index], bench).isEmpty)
            }
            #expect(try await bench.keys().count == 1)
            #expect(try await bench.keys("quarantine/").count == 2)
            #expect(try await states.read(Self.name)?.text == "2 of another")
        }
    }

    @Test("holds only when its object is there, wherever it went from there")
    func died() async throws {
        try await withBench { bench in
            let segment = ULID()
            let key = LakeKeys.landing(
                "shop", "orders", at: Date(), id: segment, name: "orders.jsonl")
            let states = SourceStates(lake: bench.lake)
            var state = SourceState(text: "1", segment: ULID())
            state.next = SourceState.Step(segment: segment, text: "2", edit: nil, object: key)
            try await states.write(state, of: Self.name)
            #expect(try await states.current(Self.name)?.text == "1")
            let name = try #require(key.split(separator: "/").last)
            let working = LakeKeys.workingPrefix("shop", "orders", batch: ULID()) + name
            try await bench.lake.put(Data("{}\n".utf8), at: working)
            #expect(try await states.current(Self.name)?.text == "2")
            #expect(try await states.current(Self.name)?.segment == segment)
        }
    }
}
