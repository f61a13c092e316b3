import Broker
import Events
import Foundation
import Kit
import Spool
import Testing

@testable import ingest

@Suite("Announcements")
struct AnnouncementsTests {
    @Test("tell again of a segment whose event was lost, with the same id")
    func lost() async throws {
        try await withFolder { path in
            let bench = Bench(path)
            let segment = try await segment(in: bench, path)
            bench.publisher.fail(
                with: BrokerError(.unreachable, during: "publish", "it is away"))
            await bench.announcements.announce([segment])
            #expect(bench.publisher.events.isEmpty)
            bench.publisher.fail(with: nil)
            try await bench.announcements.announceForgotten(olderThan: -1)
            #expect(bench.publisher.events.map(\.id) == [segment.id.description])
            try await bench.announcements.announceForgotten(olderThan: -1)
            #expect(bench.publisher.events.count == 1, "it is left alone for a while")
        }
    }

    @Test("wait until another process had the time to tell")
    func young() async throws {
        try await withFolder { path in
            let bench = Bench(path)
            _ = try await segment(in: bench, path)
            try await bench.announcements.announceForgotten(olderThan: 60)
            #expect(bench.publisher.events.isEmpty)
        }
    }

    @Test("are so many in a round and no more")
    func bounded() async throws {
        try await withFolder { path in
            let bench = Bench(path)
            for _ in 0..<250 { _ = try await segment(in: bench, path) }
            try await bench.announcements.announceForgotten(olderThan: -1)
            #expect(bench.publisher.events.count == 200)
            try await bench.announcements.announceForgotten(olderThan: -1)
            #expect(Set(bench.publisher.events.map(\.id)).count == 250)
        }
    }

    private func segment(in bench: Bench, _ path: String) async throws -> Segment {
        let file = path + "/a.csv"
        try Data("x".utf8).write(to: URL(fileURLWithPath: file))
        let label = SegmentLabel(
            pipeline: "shop", revision: "0123456789ab", dataset: "orders", host: "here",
            name: "a.csv")
        return try await bench.spool.copy(fileAt: file, as: label)
    }
}
