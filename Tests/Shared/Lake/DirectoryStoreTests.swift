import Foundation
import Kit
import Lake
import Testing

@Suite("A lake in a folder")
struct DirectoryStoreTests {
    @Test("hides what is not an object")
    func hidden() async throws {
        try await withFolder { path in
            let lake = DirectoryStore(root: path)
            try await lake.put(Data([1]), at: "a/b")
            _ = try await lake.scratch()
            let files = FileManager.default
            #expect(files.createFile(atPath: path + "/a/.part", contents: Data()))
            try files.createSymbolicLink(atPath: path + "/a/link", withDestinationPath: "b")
            try files.createSymbolicLink(atPath: path + "/out", withDestinationPath: "/etc")
            let all = try await lake.list(prefix: "", after: nil, limit: 99)
            #expect(all.map(\.key) == ["a/b"])
            #expect(try await lake.list(prefix: "out/", after: nil, limit: 9).isEmpty)
            #expect(try await lake.info("out/passwd") == nil)
            #expect(try await lake.info("a/link") == nil)
            await #expect(throws: LakeError.self) {
                try await lake.put(Data(), at: "out/passwd")
            }
        }
    }

    @Test("leaves nothing aside")
    func scratch() async throws {
        try await withFolder { path in
            let lake = DirectoryStore(root: path)
            try await lake.put(Data([1]), at: "a")
            _ = try await lake.putIfAbsent(Data([1]), at: "a")
            await #expect(throws: LakeError.self) { try await lake.put(Data([1]), at: "a/b") }
            try await lake.check()
            let scratch = try await lake.scratch()
            #expect(try FileManager.default.contentsOfDirectory(atPath: scratch).isEmpty)
        }
    }

    @Test("removes what dead processes left aside long ago")
    func tidies() async throws {
        try await withFolder { path in
            let lake = DirectoryStore(root: path)
            let scratch = try await lake.scratch()
            let files = FileManager.default
            #expect(files.createFile(atPath: scratch + "/new", contents: Data()))
            #expect(files.createFile(atPath: scratch + "/old", contents: Data()))
            try files.setAttributes(
                [.modificationDate: Date(timeIntervalSinceNow: -100_000)],
                ofItemAtPath: scratch + "/old")
            _ = try await lake.scratch()
            #expect(try files.contentsOfDirectory(atPath: scratch) == ["new"])
        }
    }

    @Test("takes a file over from another file system", .enabled(if: otherFileSystem != nil))
    func crossesFileSystems() async throws {
        let other = try #require(otherFileSystem) + "/millrace-\(UUID().uuidString)"
        try await withFolder { path in
            let lake = DirectoryStore(root: path)
            let bytes = Data((0..<1_000_000).map { UInt8(truncatingIfNeeded: $0) })
            try bytes.write(to: URL(fileURLWithPath: other))
            try await lake.put(fileAt: other, at: "a/b")
            #expect(try await lake.get("a/b", limitBytes: 1_000_000) == bytes)
            #expect(FileManager.default.fileExists(atPath: other) == false)
        }
    }

    @Test("does not take over what is not a file")
    func refusesFolders() async throws {
        try await withFolder { path in
            let lake = DirectoryStore(root: path + "/lake")
            await #expect(throws: LakeError.self) {
                try await lake.put(fileAt: path, at: "a")
            }
        }
    }

    @Test("says when it cannot be used")
    func unusable() async throws {
        try await withFolder { path in
            try Data().write(to: URL(fileURLWithPath: path + "/file"))
            let error = await #expect(throws: LakeError.self) {
                try await DirectoryStore(root: path + "/file").check()
            }
            #expect(error?.kind == .refused)
        }
    }

    /// A folder in memory, where the host has one that is apart from its temporary files.
    private static var otherFileSystem: String? {
        func device(_ path: String) -> Int? {
            let attributes = try? FileManager.default.attributesOfFileSystem(forPath: path)
            return (attributes?[.systemNumber] as? NSNumber)?.intValue
        }
        let memory = device("/dev/shm")
        return memory == device(FileManager.default.temporaryDirectory.path) ? nil : "/dev/shm"
    }
    private var otherFileSystem: String? { Self.otherFileSystem }
}
