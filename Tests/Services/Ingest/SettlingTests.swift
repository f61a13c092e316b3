import Files
import Foundation
import Kit
import Testing

@testable import ingest

@Suite("Settling")
struct SettlingTests {
    private let settle = Duration.milliseconds(500)
    private let start = ContinuousClock.now

    @Test("takes a file that is older than the settle time and has no writer")
    func old() async throws {
        try await withFile("x", age: 60) { info in
            var settling = Settling()
            #expect(settling.judge("a", info, writers: .absent, settle: settle) == .settled)
        }
    }

    @Test("waits for a second look where the writers are not known")
    func unknown() async throws {
        try await withFile("x", age: 60) { info in
            var settling = Settling()
            let first = settling.judge("a", info, writers: .unknown, settle: settle, at: start)
            #expect(first == .wait(settle))
            let second = settling.judge(
                "a", info, writers: .unknown, settle: settle, at: start + .milliseconds(200))
            #expect(second == .wait(.milliseconds(300)))
            let third = settling.judge(
                "a", info, writers: .unknown, settle: settle, at: start + .milliseconds(500))
            #expect(third == .settled)
        }
    }

    @Test("waits as long as there is a writer")
    func writer() async throws {
        try await withFile("x", age: 60) { info in
            var settling = Settling()
            for second in 0..<5 {
                let verdict = settling.judge(
                    "a", info, writers: .present, settle: settle, at: start + .seconds(second))
                #expect(verdict == .wait(settle))
            }
        }
    }

    @Test("begins anew when the file has changed")
    func changed() async throws {
        var settling = Settling()
        for age in [60.0, 50.0] {
            try await withFile("x", age: age) { info in
                let verdict = settling.judge("a", info, writers: .unknown, settle: settle)
                #expect(verdict == .wait(settle))
            }
        }
    }

    @Test(
        "does not trust a time in the future or an empty file", arguments: [("x", -60.0), ("", 60)])
    func distrust(text: String, age: Double) async throws {
        try await withFile(text, age: age) { info in
            var settling = Settling()
            #expect(settling.judge("a", info, writers: .absent, settle: settle) == .wait(settle))
        }
    }

    private func withFile(
        _ text: String, age: Double, _ body: (FileInfo) throws -> Void
    ) async throws {
        try await withFolder { path in
            try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/a"))
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSinceNow: -age)], ofItemAtPath: path + "/a")
            try body(try #require(try Folder(path).info("a")))
        }
    }
}
