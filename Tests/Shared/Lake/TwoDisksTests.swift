import Events
import Files
import Foundation
import Kit
import Lake
import Testing

@Suite(
    "A lake on another disk than its sources",
    .enabled(if: SmallDisk.isAvailable, Comment(rawValue: SmallDisk.missing)))
struct TwoDisksTests {
    private let bytes = Data((0..<1_000_000).map { UInt8(truncatingIfNeeded: $0) })

    private func with(
        _ body: (_ lake: DirectoryStore, _ root: String, _ source: String) async throws -> Void
    ) async throws {
        try await withSmallDisk(megabytes: 16) { disk in
            try await withFolder { folder in
                let source = folder + "/source"
                try bytes.write(to: URL(fileURLWithPath: source))
                try await body(DirectoryStore(root: disk + "/lake"), disk + "/lake", source)
            }
        }
    }

    private func names(_ path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path)
    }

    @Test("takes a file over and leaves nothing behind")
    func takes() async throws {
        try await with { lake, root, source in
            try await lake.put(fileAt: source, at: "a/b")
            #expect(try await lake.get("a/b", limitBytes: 1_000_000) == bytes)
            #expect(!FileManager.default.fileExists(atPath: source))
            #expect(try names(root + "/.scratch").isEmpty && names(root + "/.arriving").isEmpty)
            await #expect(throws: LakeError.self) { try await lake.put(fileAt: source, at: "a/b") }
        }
    }

    /// What a process leaves that was killed after the copy.
    private func leaveCopy(_ root: String, of key: String) throws {
        try FileManager.default.createDirectory(
            atPath: root + "/.arriving", withIntermediateDirectories: true)
        let name = SHA256.hex(of: Data(key.utf8))
        try bytes.write(to: URL(fileURLWithPath: "\(root)/.arriving/\(name)"))
    }

    @Test("makes one object of a file whose taker was killed before the end of the source")
    func killedBeforeTheEnd() async throws {
        try await with { lake, root, source in
            try leaveCopy(root, of: "a/b")
            #expect(try await lake.list(prefix: "", after: nil, limit: 9).isEmpty, "nobody sees it")
            try await lake.put(fileAt: source, at: "a/b")
            #expect(try await lake.list(prefix: "", after: nil, limit: 9).map(\.key) == ["a/b"])
            #expect(try names(root + "/.arriving").isEmpty)
        }
    }

    @Test("goes on with a file whose taker was killed after the end of the source")
    func killedAfterTheEnd() async throws {
        try await with { lake, root, source in
            try leaveCopy(root, of: "a/b")
            try FileManager.default.removeItem(atPath: source)
            try await lake.put(fileAt: source, at: "a/b")
            #expect(try await lake.get("a/b", limitBytes: 1_000_000) == bytes)
            // Somebody claims it; the same once more finds that nothing is left to do.
            #expect(try await lake.move("a/b", to: "c/b"))
            await #expect(throws: LakeError.self) { try await lake.put(fileAt: source, at: "a/b") }
            #expect(try await lake.list(prefix: "", after: nil, limit: 9).map(\.key) == ["c/b"])
        }
    }

    @Test("gives one object to many takers of one file, though it is claimed at once")
    func race() async throws {
        try await with { lake, _, source in
            let wins = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        let lake = DirectoryStore(
                            root: lake.location(of: "x").replacing("/x", with: ""))
                        do {
                            try await lake.put(fileAt: source, at: "a/b")
                            return try await lake.move("a/b", to: "c/\(ULID())")
                        } catch {
                            return false
                        }
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            let all = try await lake.list(prefix: "", after: nil, limit: 9)
            #expect(wins == 1 && all.count == 1)
        }
    }

    @Test("keeps the source and no garbage while it is full, and goes on when there is room")
    func full() async throws {
        try await with { lake, root, source in
            // Room for less than the source, but for some small files.
            let filler = try SmallDisk.fill(String(root.dropLast("/lake".count)), leaving: 300_000)
            let error = await #expect(throws: LakeError.self) {
                try await lake.put(fileAt: source, at: "a/b")
            }
            #expect(error?.kind == .full && error?.disposition == .transient)
            #expect(FileManager.default.fileExists(atPath: source))
            #expect(try await lake.list(prefix: "", after: nil, limit: 9).isEmpty)
            #expect(try names(root + "/.scratch").isEmpty)
            // The probe would fit, but what waits does not: the lake counts as full for a while.
            let away = await #expect(throws: LakeError.self) { try await lake.check() }
            #expect(away?.kind == .full)
            try FileManager.default.removeItem(atPath: filler)
            try await lake.put(fileAt: source, at: "a/b")
            #expect(try await lake.get("a/b", limitBytes: 1_000_000) == bytes)
            try await eventually(within: .seconds(60), "it is ready again") {
                do {
                    try await lake.check()
                    return true
                } catch { return false }
            }
        }
    }
}
