import Files
import Foundation
import Kit
import Testing

@Suite("A folder")
struct FolderTests {
    @Test("does not lead outside through a link")
    func links() async throws {
        try await withFolder { path in
            try FileManager.default.createSymbolicLink(
                atPath: path + "/out", withDestinationPath: "/etc")
            try FileManager.default.createSymbolicLink(
                atPath: path + "/secret", withDestinationPath: "/etc/passwd")
            let folder = try Folder(path)
            #expect(try folder.folder("out")?.path == nil)
            #expect(throws: FileError.self) { _ = try folder.making("out") }
            #expect(throws: FileError.self) { _ = try folder.open("secret") }
            #expect(try folder.entries().isEmpty)
        }
    }

    @Test("makes the folders above it")
    func making() async throws {
        try await withFolder { path in
            _ = try Folder.make(path + "/a/b/c")
            #expect(try Folder(path + "/a/b").info("c")?.kind == .folder)
            _ = try Folder.make(path + "/a/b/c")
        }
    }

    @Test("renames without replacing")
    func renaming() async throws {
        try await withFolder { path in
            let folder = try Folder(path)
            for name in ["a", "b"] { try folder.create(name).write(Data(name.utf8)) }
            #expect(
                try folder.renameWithoutReplacing("a", into: folder, as: "b") == .targetExists)
            #expect(try folder.renameWithoutReplacing("a", into: folder, as: "c") == .done)
            #expect(
                try folder.renameWithoutReplacing("a", into: folder, as: "d") == .sourceMissing)
            #expect(try folder.open("c")?.contents() == Data("a".utf8))
        }
    }

    @Test("tells whether somebody has a file open for writing")
    func writers() async throws {
        try await withFolder { path in
            let folder = try Folder(path)
            let writer = try folder.create("a")
            let during = try folder.open("a")?.writers()
            withExtendedLifetime(writer) { #expect(during != .absent) }
        }
    }

    @Test("tells that nobody has a file open for writing any more")
    func noWriters() async throws {
        try await withFolder { path in
            let folder = try Folder(path)
            try folder.create("a").write(Data())
            #expect(try folder.open("a")?.writers() != .present)
        }
    }

    @Test("locks one file once")
    func locks() async throws {
        try await withFolder { path in
            let folder = try Folder(path)
            let first = try folder.openOrCreate("lock")
            let second = try folder.openOrCreate("lock")
            #expect(try first.lock(.shared))
            #expect(try second.lock(.shared))
            #expect(try second.lock(.exclusive) == false)
        }
    }

    @Test("says in a sentence what went wrong")
    func message() throws {
        let error = #expect(throws: FileError.self) { _ = try OpenFile("/no/such/file") }
        #expect(error?.description == "cannot open `/no/such/file`: No such file or directory")
        #expect(error?.isMissing == true)
    }
}
