import Events
import Files
import Foundation
import Kit
import Testing

@testable import Spool

@Suite("A note of a source", .timeLimit(.minutes(5)))
struct SourceNoteTests {
    private static let label = SegmentLabel(
        pipeline: "shop", revision: "r", dataset: "orders", host: "here", name: "orders.jsonl")

    private static func note(_ text: String) -> SourceNote {
        SourceNote(source: "shop.orders", text: text)
    }

    private func segment(_ text: String, in spool: Spool) async throws -> GrowingSegment {
        let segment = try #require(try await spool.begin().first)
        try Array(text.utf8).withUnsafeBytes { try segment.write($0) }
        return segment
    }

    @Test("holds with its segment, also when that has gone on")
    func together() async throws {
        try await withFolder { path in
            let spool = Spool(directory: path)
            #expect(try await spool.note(of: "shop.orders") == nil)
            let growing = try await segment("a\n", in: spool)
            #expect(try await spool.ids().isEmpty)
            let captured = try #require(
                try await spool.commit([(growing, Self.label)], note: Self.note("1")).first)
            #expect(captured.facts.bytes == 2)
            #expect(try await spool.note(of: "shop.orders") == "1")
            try await spool.finish(captured.id)
            #expect(try await Spool(directory: path).note(of: "shop.orders") == "1")
            try await spool.keep(Self.note("2"))
            #expect(try await spool.note(of: "shop.orders") == "2")
        }
    }

    @Test("is the one before when the process died before its segment was whole")
    func died() async throws {
        try await withFolder { path in
            let spool = Spool(directory: path)
            try await spool.keep(Self.note("1"))
            let folder = SpoolFolder(path: path)
            var growing: GrowingSegment? = try await segment("a\n", in: spool)
            let id = try #require(growing).id
            let facts = Self.label.facts(id, bytes: 2, sha256: "", modifiedAt: Date())
            try folder.writeFacts(facts, in: folder.open())
            try folder.notes().propose(Self.note("2"), with: [id], folder)
            #expect(try await spool.note(of: "shop.orders") == "1")
            growing = nil
            #expect(try await spool.removeTorn() == ["\(id).part"])
            #expect(try await spool.note(of: "shop.orders") == "1")
            #expect(try await spool.state(of: id) == .unknown)
        }
    }

    @Test("leaves an unfinished segment alone while it grows, and cuts it back")
    func grows() async throws {
        try await withFolder { path in
            let spool = Spool(directory: path)
            let growing = try await segment("good\nhalf", in: spool)
            #expect(try await Spool(directory: path).removeTorn() == [])
            try growing.truncate(to: 5)
            try Array("more\n".utf8).withUnsafeBytes { try growing.write($0) }
            let captured = try #require(
                try await spool.commit([(growing, Self.label)], note: Self.note("1")).first)
            #expect(try String(contentsOfFile: captured.path, encoding: .utf8) == "good\nmore\n")
            let other = try await segment("x", in: spool)
            try await spool.abandon([other])
            #expect(try await spool.ids() == [captured.id])
        }
    }

    @Test("holds with all of its segments once the first has come to be", arguments: [false, true])
    func several(isFirstThere: Bool) async throws {
        try await withFolder { path in
            let spool = Spool(directory: path)
            try await spool.keep(Self.note("1"))
            let folder = SpoolFolder(path: path)
            var growing = [
                try await segment("a\n", in: spool), try await segment("b\n", in: spool),
            ]
            let ids = growing.map(\.id)
            let facts = ids.map { Self.label.facts($0, bytes: 2, sha256: "", modifiedAt: Date()) }
            for facts in facts { try folder.writeFacts(facts, in: folder.open()) }
            try folder.notes().propose(Self.note("2"), with: ids, folder)
            if isFirstThere {
                _ = try growing[0].part.commit(facts[0])
                // Whoever had the rest in hand does not take it away.
                try await spool.abandon(growing)
            }
            growing = []
            let removed = try await Spool(directory: path).recover().removed
            #expect(removed == (isFirstThere ? [] : ids.map { "\($0).part" }.sorted()))
            #expect(try await spool.ids() == (isFirstThere ? ids.sorted() : []))
            #expect(try await spool.note(of: "shop.orders") == (isFirstThere ? "2" : "1"))
        }
    }

    @Test("is written with what has bytes")
    func written() async throws {
        try await withFolder { path in
            let spool = Spool(directory: path)
            let segments = try await spool.write(
                [(Array("a\n".utf8), Self.label), (Array("b\n".utf8), Self.label)],
                note: Self.note("1"))
            #expect(segments.map(\.facts.bytes) == [2, 2])
            let two = try await spool.begin(2)
            try Array("c\n".utf8).withUnsafeBytes { try two[1].write($0) }
            let more = try await spool.commit(two.map { ($0, Self.label) }, note: Self.note("2"))
            #expect(more.map(\.id) == [two[1].id])
            #expect(try await spool.ids().count == 3)
            #expect(try await spool.note(of: "shop.orders") == "2")
        }
    }
}

@Suite("A chain of segments", .timeLimit(.minutes(5)))
struct SegmentChainTests {
    private static let label = SegmentLabel(
        pipeline: "shop", revision: "r", dataset: "orders", host: "here", name: "orders.jsonl")

    private func commit(_ text: String, in spool: Spool) async throws -> ULID {
        let segment = try #require(try await spool.begin().first)
        try Array("{}\n".utf8).withUnsafeBytes { try segment.write($0) }
        let note = SourceNote(source: "shop.orders", text: text)
        return try #require(try await spool.commit([(segment, Self.label)], note: note).first).id
    }

    @Test("says what came before each, until it is in the lake")
    func chain() async throws {
        try await withFolder { path in
            let spool = Spool(directory: path)
            #expect(try await spool.chain(of: "shop.orders").isEmpty)
            var ids: [ULID] = []
            for text in ["1", "2", "3"] { ids.append(try await commit(text, in: spool)) }
            #expect(try await spool.chain(of: "shop.orders") == Set(ids))
            let last = try #require(try await spool.note(with: ids[2]))
            #expect(last.before == ids[1] && last.text == "3" && last.group.isEmpty)
            for id in ids.prefix(2) { try await spool.finish(id) }
            #expect(try await spool.chain(of: "shop.orders") == Set(ids.suffix(2)))
            #expect(try await spool.note(with: ids[0]) == nil)
        }
    }

    @Test("goes on behind what was adopted; what was read before that is refused")
    func adopted() async throws {
        try await withFolder { path in
            let spool = Spool(directory: path)
            _ = try await commit("1", in: spool)
            #expect(try await spool.note(of: "shop.orders") == "1")
            let (other, edit) = (ULID(), ULID())
            try await spool.adopt("9", of: "shop.orders", after: other, edit: edit)
            await #expect(throws: SpoolError.self) { _ = try await commit("2", in: spool) }
            #expect(try await spool.note(of: "shop.orders") == "9")
            let id = try await commit("10", in: spool)
            let note = try #require(try await spool.note(with: id))
            #expect(note.before == other && note.edit == edit)
            try await spool.adopt(nil, of: "shop.orders", edit: ULID())
            #expect(try await spool.note(of: "shop.orders") == nil)
            #expect(try await spool.chain(of: "shop.orders").contains(id))
        }
    }
}
