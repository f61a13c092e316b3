import Events
import Files
import Foundation
import Kit
import Testing

@testable import Spool

@Suite("A spool whose owner died")
struct SpoolRecoveryTests {
    @Test("loses torn writes and old facts without bytes")
    func torn() async throws {
        try await withInboxAndSpool { _, directory in
            let spool = Spool(directory: directory)
            #expect(try await spool.own())
            let old = ULID(at: Date(timeIntervalSinceNow: -100_000))
            let torn = ["\(ULID()).part", "\(old).json", "\(ULID()).json.part"]
            for name in torn { try write("{", directory, name) }
            #expect(try await spool.recover().removed == torn.sorted())
            #expect(try names(directory).isEmpty)
        }
    }

    @Test("keeps the facts of a segment that the lander is about to finish")
    func moved() async throws {
        try await withInboxAndSpool { _, directory in
            let id = ULID()
            try write("{}", directory, "\(id).json")
            let spool = Spool(directory: directory)
            _ = try await spool.recover()
            #expect(try await spool.state(of: id) == .moved)
        }
    }

    @Test("keeps what another process is writing")
    func living() async throws {
        try await withInboxAndSpool { _, directory in
            let writers = try Folder(directory).openOrCreate(".writers")
            #expect(try writers.lock(.shared))
            let name = "\(ULID()).part"
            try write("{", directory, name)
            #expect(try await Spool(directory: directory).recover().removed.isEmpty)
            withExtendedLifetime(writers) {}
            #expect(try names(directory) == [name])
        }
    }

    @Test("names segments whose facts are missing or unreadable", arguments: [nil, "{\"x\":1}"])
    func unreadable(facts: String?) async throws {
        try await withInboxAndSpool { _, directory in
            let id = ULID()
            try write("bytes", directory, "\(id).segment")
            if let facts { try write(facts, directory, "\(id).json") }
            let spool = Spool(directory: directory)
            #expect(try await spool.recover().unreadable == ["\(id).segment"])
            #expect(try await spool.segments().isEmpty)
            #expect(exists("\(directory)/\(id).segment"), "it is a person's to decide")
        }
    }

    @Test("takes a file again that was copied in part")
    func unfinishedCopy() async throws {
        try await withInboxAndSpool { inbox, directory in
            let id = ULID()
            try note(id, inbox, directory)
            try write("byt", directory, "\(id).part")
            let spool = Spool(directory: directory)
            #expect(try await spool.recover().finished.isEmpty)
            #expect(exists(inbox + "/a.csv"))
            #expect(try await spool.take(fileAt: inbox + "/a.csv", as: .sample) != nil)
        }
    }

    @Test("removes a file that is a segment already, wherever that is now")
    func unremovedSource() async throws {
        try await withInboxAndSpool { inbox, directory in
            try note(ULID(), inbox, directory)
            let spool = Spool(directory: directory)
            #expect(try await spool.recover().finished == [inbox + "/a.csv"])
            #expect(exists(inbox + "/a.csv") == false)
            #expect(try names(directory).isEmpty)
        }
    }

    @Test("leaves another file that came under the same name")
    func newSource() async throws {
        try await withInboxAndSpool { inbox, directory in
            try note(ULID(), inbox, directory)
            try FileManager.default.removeItem(atPath: inbox + "/a.csv")
            try write("another", inbox, "a.csv")
            let spool = Spool(directory: directory)
            _ = try await spool.recover()
            #expect(try await spool.take(fileAt: inbox + "/a.csv", as: .sample) != nil)
        }
    }

    @Test("has one owner at a time")
    func ownership() async throws {
        try await withInboxAndSpool { _, directory in
            let first = Spool(directory: directory)
            let isOwner = try await first.own()
            let isSecondOwner = try await Spool(directory: directory).own()
            #expect(isOwner && !isSecondOwner)
            withExtendedLifetime(first) {}
        }
    }

    /// What a copy leaves behind that came as far as its note.
    private func note(_ id: ULID, _ inbox: String, _ directory: String) throws {
        try write("bytes", inbox, "a.csv")
        let info = try #require(try Folder(inbox).info("a.csv"))
        let origin = try EventJSON.encode(Origin(inbox + "/a.csv", info))
        try origin.write(to: URL(fileURLWithPath: "\(directory)/\(id).origin"))
    }

    private func write(_ text: String, _ directory: String, _ name: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(directory)/\(name)"))
    }
}
