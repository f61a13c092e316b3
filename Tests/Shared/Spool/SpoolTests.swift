import Events
import Files
import Foundation
import Kit
import Spool
import Testing

@Suite("The spool")
struct SpoolTests {
    @Test("takes a file over with its facts")
    func takes() async throws {
        try await withInboxAndSpool { inbox, directory in
            let path = inbox + "/a.csv"
            try Data("id\n1\n".utf8).write(to: URL(fileURLWithPath: path))
            let segment = try #require(
                try await Spool(directory: directory).take(fileAt: path, as: .sample))
            #expect(exists(path) == false)
            #expect(segment.facts.bytes == 5)
            #expect(segment.facts.sha256 == SHA256.hex(of: Data("id\n1\n".utf8)))
            #expect(segment.facts.name == "a.csv")
            #expect(read(segment.path) == "id\n1\n")
            let arrived = try #require(segment.facts.times[.arrived])
            let captured = try #require(segment.facts.times[.captured])
            #expect(arrived <= captured)
        }
    }

    @Test("tells of a segment with the same event id again and again")
    func restart() async throws {
        try await withInboxAndSpool { inbox, directory in
            try Data("x".utf8).write(to: URL(fileURLWithPath: inbox + "/a.csv"))
            let taken = try #require(
                try await Spool(directory: directory).take(fileAt: inbox + "/a.csv", as: .sample))
            let again = try await Spool(directory: directory).segments()
            #expect(again.map(\.id) == [taken.id])
            #expect(again.first?.facts.sha256 == taken.facts.sha256)
            let event = try #require(try again.first?.event(from: "/millrace/ingest/here"))
            #expect(event.id == taken.id.description)
        }
    }

    @Test("takes a file from another file system", .enabled(if: exists("/dev/shm")))
    func otherFileSystem() async throws {
        try await withInboxAndSpool { _, directory in
            let path = "/dev/shm/millrace-\(UUID().uuidString).csv"
            try Data("x".utf8).write(to: URL(fileURLWithPath: path))
            let spool = Spool(directory: directory)
            let segment = try #require(try await spool.take(fileAt: path, as: .sample))
            #expect(exists(path) == false)
            #expect(read(segment.path) == "x")
            #expect(try names(directory).count == 2, "only bytes and facts are left")
        }
    }

    @Test("copies a file that has a second name, so that nobody changes it later")
    func hardLink() async throws {
        try await withInboxAndSpool { inbox, directory in
            let (path, other) = (inbox + "/a.csv", inbox + "/b.csv")
            try Data("before".utf8).write(to: URL(fileURLWithPath: path))
            try FileManager.default.linkItem(atPath: path, toPath: other)
            let spool = Spool(directory: directory)
            let segment = try #require(try await spool.take(fileAt: path, as: .sample))
            let handle = try #require(FileHandle(forWritingAtPath: other))
            try handle.write(contentsOf: Data("after!".utf8))
            #expect(read(segment.path) == "before")
            #expect(exists(path) == false)
        }
    }

    @Test("leaves alone what has a writer, what is gone and what is no file")
    func leaves() async throws {
        try await withInboxAndSpool { inbox, directory in
            let spool = Spool(directory: directory)
            let folder = try Folder(inbox)
            let file = try folder.create("a.csv")
            try file.write(Data("half".utf8))
            if try folder.open("a.csv")?.writers() == .present {
                #expect(try await spool.take(fileAt: inbox + "/a.csv", as: .sample) == nil)
            }
            withExtendedLifetime(file) {}
            #expect(try await spool.take(fileAt: inbox + "/none.csv", as: .sample) == nil)
            #expect(try await spool.take(fileAt: inbox, as: .sample) == nil)
            #expect(try await spool.segments().isEmpty)
        }
    }

    @Test("takes each file once when many want it")
    func race() async throws {
        try await withInboxAndSpool { inbox, directory in
            let spool = Spool(directory: directory)
            try Data("x".utf8).write(to: URL(fileURLWithPath: inbox + "/a.csv"))
            let wins = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        try await spool.take(fileAt: inbox + "/a.csv", as: .sample) == nil ? 0 : 1
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(wins == 1)
            #expect(try await spool.segments().count == 1)
            #expect(try names(directory).count == 2)
        }
    }

    @Test("copies a file that stays, and what comes through a pipe")
    func copies() async throws {
        try await withInboxAndSpool { inbox, directory in
            let spool = Spool(directory: directory)
            let path = inbox + "/a.csv"
            try Data("x".utf8).write(to: URL(fileURLWithPath: path))
            let copied = try await spool.copy(fileAt: path, as: .sample)
            #expect(exists(path))
            let pipe = Pipe()
            try pipe.fileHandleForWriting.write(contentsOf: Data("through".utf8))
            try pipe.fileHandleForWriting.close()
            let written = try await spool.write(
                from: pipe.fileHandleForReading.fileDescriptor, as: .sample)
            #expect(read(written.path) == "through")
            #expect(try await Set(spool.segments().map(\.id)) == [copied.id, written.id])
        }
    }

    @Test("remembers what became of a segment")
    func states() async throws {
        try await withInboxAndSpool { inbox, directory in
            let spool = Spool(directory: directory)
            try Data("x".utf8).write(to: URL(fileURLWithPath: inbox + "/a.csv"))
            let segment = try #require(
                try await spool.take(fileAt: inbox + "/a.csv", as: .sample))
            let whole = try await spool.segment(segment.id)
            #expect(whole?.facts.sha256 == segment.facts.sha256)
            try FileManager.default.removeItem(atPath: segment.path)
            #expect(try await spool.state(of: segment.id) == .moved)
            try await spool.finish(segment.id)
            try await spool.finish(segment.id)
            #expect(try await spool.state(of: segment.id) == .finished)
            #expect(try await spool.ids().isEmpty)
            #expect(try await spool.forgetFinished(before: Date(timeIntervalSinceNow: 60)) == 1)
            #expect(try await spool.state(of: segment.id) == .unknown)
        }
    }

    @Test("says in a sentence what it lacks")
    func failure() async throws {
        try await withInboxAndSpool { inbox, _ in
            try Data().write(to: URL(fileURLWithPath: inbox + "/file"))
            let error = await #expect(throws: SpoolError.self) {
                try await Spool(directory: inbox + "/file").check()
            }
            #expect(error?.kind == .refused)
            #expect(error?.description.contains(inbox) == true)
        }
    }
}
