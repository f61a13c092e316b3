import Files
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

    @Test("removes what dead writers left aside, and nothing of the living")
    func tidies() async throws {
        try await withFolder { path in
            let lake = DirectoryStore(root: path)
            let scratch = try Folder(try await lake.scratch())
            _ = try scratch.create("dead")
            let living = try scratch.create("living")
            #expect(try living.lock(.exclusive))
            let early = try await lake.removeLeftovers(before: Date(timeIntervalSinceNow: -60))
            #expect(early.isEmpty, "it is young")
            let removed = try await lake.removeLeftovers(before: Date(timeIntervalSinceNow: 60))
            #expect(removed == ["dead"])
            #expect(try scratch.entries().map(\.name) == ["living"])
        }
    }

    @Test("removes the folder of a batch with its last object")
    func emptyFolders() async throws {
        try await withFolder { path in
            let lake = DirectoryStore(root: path)
            let keys = ["working/p/d/b/1", "working/p/d/b/2"]
            for key in keys { try await lake.put(Data(), at: key) }
            try await lake.delete([keys[0]])
            #expect(FileManager.default.fileExists(atPath: path + "/working/p/d/b"))
            try await lake.delete([keys[1]])
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: path + "/working/p/d").isEmpty)
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
}
