import Events
import Foundation
import Kit
import Lake
import Testing

/// What every lake promises, whatever it is made of.
@Suite("An object store", .timeLimit(.minutes(5)))
struct ObjectStoreContract {
    /// The implementations that this suite runs against.
    enum Store: CaseIterable, Sendable {
        case memory, directory

        func with(_ body: (any ObjectStore) async throws -> Void) async throws {
            switch self {
            case .memory: try await body(MemoryStore())
            case .directory:
                try await withFolder { try await body(DirectoryStore(root: $0 + "/lake")) }
            }
        }
    }

    private let hello = Data("hello".utf8)

    @Test("gives back what was put", arguments: Store.allCases)
    func puts(store: Store) async throws {
        try await store.with { lake in
            try await lake.put(hello, at: "a/b.txt")
            #expect(try await lake.get("a/b.txt", limitBytes: 5) == hello)
            try await lake.put(Data(), at: "a/b.txt")
            #expect(try await lake.get("a/b.txt", limitBytes: 5).isEmpty)
        }
    }

    @Test("digests what was put", arguments: Store.allCases)
    func digests(store: Store) async throws {
        try await store.with { lake in
            try await lake.put(hello, at: "a/b")
            #expect(try await lake.sha256(of: "a/b") == SHA256.hex(of: hello))
            await expectRefusal(.notFound) { _ = try await lake.sha256(of: "a/c") }
        }
    }

    @Test("refuses to read more than the caller allows", arguments: Store.allCases)
    func limits(store: Store) async throws {
        try await store.with { lake in
            try await lake.put(hello, at: "a/b")
            await expectRefusal(.refused) { _ = try await lake.get("a/b", limitBytes: 4) }
        }
    }

    @Test("says that what is not there is not there", arguments: Store.allCases)
    func missing(store: Store) async throws {
        try await store.with { lake in
            await expectRefusal(.notFound) { _ = try await lake.get("no/thing", limitBytes: 1) }
            #expect(try await lake.info("no/thing") == nil)
            #expect(try await lake.move("no/thing", to: "some/thing") == false)
            try await lake.delete(["no/thing"])
            await expectRefusal(.notFound) {
                try await lake.put(fileAt: "/nowhere/at/all", at: "a/b")
            }
        }
    }

    @Test("puts beside an object without replacing it", arguments: Store.allCases)
    func ifAbsent(store: Store) async throws {
        try await store.with { lake in
            let isFirst = try await lake.putIfAbsent(hello, at: "a")
            let isSecond = try await lake.putIfAbsent(Data("other".utf8), at: "a")
            #expect(isFirst && !isSecond)
            #expect(try await lake.get("a", limitBytes: 9) == hello)
        }
    }

    @Test("lets one of many writers be the first", arguments: Store.allCases)
    func race(store: Store) async throws {
        try await store.with { lake in
            let wins = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in UInt8(0)..<16 {
                    group.addTask { try await lake.putIfAbsent(Data([number]), at: "a/b") }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(wins == 1)
        }
    }

    @Test("takes a file over", arguments: Store.allCases)
    func takesFiles(store: Store) async throws {
        try await store.with { lake in
            let path = try await lake.scratch() + "/\(UUID().uuidString)"
            try hello.write(to: URL(fileURLWithPath: path))
            try await lake.put(fileAt: path, at: "a/b/c")
            #expect(try await lake.get("a/b/c", limitBytes: 9) == hello)
            #expect(FileManager.default.fileExists(atPath: path) == false)
        }
    }

    @Test("knows an object's size and time", arguments: Store.allCases)
    func knows(store: Store) async throws {
        try await store.with { lake in
            try await lake.put(hello, at: "a/b")
            let info = try #require(try await lake.info("a/b"))
            #expect(info.key == "a/b" && info.bytes == 5)
            #expect(abs(info.modifiedAt.timeIntervalSinceNow) < 60)
            #expect(try await lake.info("a") == nil, "a folder is no object")
        }
    }

    @Test("lets one of two movers win", arguments: Store.allCases)
    func moves(store: Store) async throws {
        try await store.with { lake in
            try await lake.put(hello, at: "landing/x")
            let wins = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<8 {
                    group.addTask { try await lake.move("landing/x", to: "working/\(number)/x") }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(wins == 1)
            let left = try await lake.list(prefix: "", after: nil, limit: 9)
            #expect(left.count == 1)
            #expect(left.first?.key.hasPrefix("working/") == true)
        }
    }

    @Test("does not move over another object", arguments: Store.allCases)
    func movesOntoNothing(store: Store) async throws {
        try await store.with { lake in
            try await lake.put(hello, at: "a")
            try await lake.put(Data("other".utf8), at: "b")
            await expectRefusal(.exists) { _ = try await lake.move("a", to: "b") }
            #expect(try await lake.get("a", limitBytes: 9) == hello)
        }
    }

    @Test("deletes", arguments: Store.allCases)
    func deletes(store: Store) async throws {
        try await store.with { lake in
            for key in ["a/1", "a/2", "b/1"] { try await lake.put(hello, at: key) }
            try await lake.delete(["a/1", "b/1", "c/1"])
            #expect(try await keys(lake, prefix: "") == ["a/2"])
        }
    }

    @Test("lists in the order of the keys' bytes", arguments: Store.allCases)
    func listsInOrder(store: Store) async throws {
        try await store.with { lake in
            let all = ["a-b", "a.b", "a/b", "a/b/c", "a0", "b/é", "b/z", "A/a"]
                .filter { $0 != "a/b" }
            for key in all.shuffled() { try await lake.put(hello, at: key) }
            let sorted = all.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            #expect(try await keys(lake, prefix: "") == sorted)
        }
    }

    @Test("lists what starts with a prefix", arguments: Store.allCases)
    func listsByPrefix(store: Store) async throws {
        try await store.with { lake in
            for key in ["l/p/d/1", "l/p/d/2", "l/p/dd/1", "l/q/1"] {
                try await lake.put(hello, at: key)
            }
            #expect(try await keys(lake, prefix: "l/p/d/") == ["l/p/d/1", "l/p/d/2"])
            #expect(try await keys(lake, prefix: "l/p/d") == ["l/p/d/1", "l/p/d/2", "l/p/dd/1"])
            #expect(try await keys(lake, prefix: "l/q/1") == ["l/q/1"])
            #expect(try await keys(lake, prefix: "m/").isEmpty)
            #expect(try await keys(lake, prefix: "l/q/1/").isEmpty)
        }
    }

    @Test("lists page after page", arguments: Store.allCases)
    func pages(store: Store) async throws {
        try await store.with { lake in
            let all = (0..<23).map { "p/\($0 % 5)/\(String(format: "%02d", $0))" }
            for key in all { try await lake.put(hello, at: key) }
            var seen: [String] = []
            var page: [ObjectInfo]
            repeat {
                page = try await lake.list(prefix: "p/", after: seen.last, limit: 4)
                seen += page.map(\.key)
            } while page.count == 4
            #expect(seen == all.sorted())
            #expect(try await lake.list(prefix: "p/", after: nil, limit: 0).isEmpty)
        }
    }

    @Test(
        "refuses what is not a key",
        arguments: Store.allCases,
        [
            "", "/a", "a/", "a//b", "..", "a/../b", "./a", "a/.hidden", ".scratch/a", "a\nb",
            "a\u{0}b", "a\u{7F}", String(repeating: "x", count: 256),
            String(repeating: "x/", count: 512) + "x",
        ])
    func refuses(store: Store, key: String) async throws {
        try await store.with { lake in
            await expectRefusal(.refused) { try await lake.put(hello, at: key) }
            await expectRefusal(.refused) { _ = try await lake.putIfAbsent(hello, at: key) }
            await expectRefusal(.refused) { _ = try await lake.get(key, limitBytes: 9) }
            await expectRefusal(.refused) { _ = try await lake.move("a", to: key) }
            await expectRefusal(.refused) { _ = try await lake.move(key, to: "a") }
            await expectRefusal(.refused) { try await lake.delete([key]) }
        }
    }

    @Test(
        "keeps names that are odd but allowed apart", arguments: Store.allCases,
        [
            ["a b", "a+b", "a%20b", "a%2Fb"], ["Read", "read", "READ"],
            ["e\u{301}", "\u{E9}"], ["e\u{301}/x", "\u{E9}/x"],
            ["x'; DROP TABLE y --", "🦆", "CON", "a\\b", "-rf", "~", "*"],
        ])
    func oddNames(store: Store, names: [String]) async throws {
        try await store.with { lake in
            for name in names { try await lake.put(Data(name.utf8), at: "odd/\(name)") }
            for name in names {
                let bytes = try await lake.get("odd/\(name)", limitBytes: 99)
                #expect(bytes == Data(name.utf8))
            }
            #expect(try await keys(lake, prefix: "odd/").count == names.count)
            try await lake.delete(names.map { "odd/\($0)" })
            #expect(try await keys(lake, prefix: "").isEmpty)
        }
    }

    @Test("is usable", arguments: Store.allCases)
    func usable(store: Store) async throws {
        try await store.with { lake in
            try await lake.check()
            #expect(try await keys(lake, prefix: "").isEmpty)
            #expect(lake.location(of: "a/b").hasSuffix("/a/b"))
        }
    }

    private func keys(_ lake: any ObjectStore, prefix: String) async throws -> [String] {
        try await lake.list(prefix: prefix, after: nil, limit: 1000).map(\.key)
    }

    private func expectRefusal(
        _ kind: LakeError.Kind, sourceLocation: SourceLocation = #_sourceLocation,
        _ body: () async throws -> Void
    ) async {
        await #expect(sourceLocation: sourceLocation) {
            try await body()
        } throws: {
            ($0 as? LakeError)?.kind == kind
        }
    }
}
