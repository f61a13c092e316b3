import Foundation
import Kit
import Testing

@testable import Stack

@Suite("The key for personal data of a local stack")
struct PersonalKeyTests {
    private static let name = "MILLRACE_PERSONAL_KEY_FILE"

    @Test("is made once, for the transformer alone, and only its owner can read it")
    func made() async throws {
        try await withFolder { path in
            let folder = StackFolder(path)
            try folder.prepare()
            let first = try folder.withPersonalKey(["A": "b"], of: .transformer)
            let file = try #require(first[Self.name])
            let key = try #require(try Secret.read(file))
            #expect(key.utf8.count >= 16)
            let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions]
            #expect(mode as? Int == 0o600)
            #expect(try folder.withPersonalKey(["A": "b"], of: .transformer) == first)
            #expect(try Secret.read(file) == key)
            #expect(try folder.withPersonalKey(["A": "b"], of: .loader) == ["A": "b"])
        }
    }

    @Test("is not made where the settings name another")
    func given() async throws {
        try await withFolder { path in
            let folder = StackFolder(path)
            try folder.prepare()
            let settings = [Self.name: "/etc/key"]
            #expect(try folder.withPersonalKey(settings, of: .transformer) == settings)
            #expect(!FileManager.default.fileExists(atPath: folder.secret("personal-key")))
        }
    }
}
