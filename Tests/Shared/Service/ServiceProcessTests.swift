import Foundation
import Settings
import Testing

@testable import Service

@Suite("A service process")
struct ServiceProcessTests {
    @Test("ends with 2 and every mistake when its settings are wrong")
    func mistakes() async throws {
        let result = try #require(
            await #expect(
                processExitsWith: .exitCode(2), observing: [\.standardErrorContent]
            ) {
                await ServiceProcessTests.run([
                    "--broker-url", "http://x", "--concurrency", "0", "--retry-delays", "1,soon",
                    "--log-level", "loud", "--colour", "red",
                ])
            })
        let text = String(decoding: result.standardErrorContent, as: UTF8.self)
        for word in ["broker-url", "concurrency", "retry-delays", "log-level", "--colour", "own"] {
            #expect(text.contains(word), "\(word) is not named")
        }
    }

    @Test("shows what it is, its settings and its exit codes")
    func help() async throws {
        let result = try #require(
            await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
                await ServiceProcessTests.run(["--help"])
            })
        let text = String(decoding: result.standardOutputContent, as: UTF8.self)
        for word in ["merges approved", "--broker-url", "MILLRACE_OWN", "exit codes", "SIGTERM"] {
            #expect(text.contains(word), "\(word) is missing")
        }
    }

    @Test("tells its version")
    func version() async throws {
        let result = try #require(
            await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
                await ServiceProcessTests.run(["--version"])
            })
        let text = String(decoding: result.standardOutputContent, as: UTF8.self)
        #expect(text.hasPrefix("millrace-loader "))
    }

    static func run(_ arguments: [String]) async {
        await ServiceProcess.run("loader", arguments: arguments, environment: [:]) {
            $0.text("own", help: "a setting of its own")
        } assemble: { _, _ in
            ServiceParts()
        }
    }
}
