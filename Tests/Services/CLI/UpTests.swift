import Foundation
import Glibc
import Processes
import Stack
import Testing

private let program = ServerPrograms.ownFolder + "/millrace"
private let hasServers: Bool = {
    do {
        _ = try ServerPrograms.warehouse()
        return access(program, X_OK) == 0
    } catch {
        return false
    }
}()

@Suite(
    "millrace up", .serialized, .timeLimit(.minutes(5)),
    .enabled(if: hasServers, "no PostgreSQL on this host, or millrace is not built"))
struct UpTests {
    @Test("leaves a stack in the background, says so the second time, and down stops it")
    func upAndDown() async throws {
        try await withData { data in
            #expect(try await call("status", data).code == 1)
            let up = try await call("up", data, "--detach", "--only", "warehouse")
            #expect(up.code == 0 && up.errors.contains("up in"), "\(up.errors)")
            let again = try await call("up", data, "--detach", "--only", "warehouse")
            #expect(again.code == 0 && again.errors.contains("running already"))
            let status = try await call("status", data, "--format", "json")
            #expect(status.code == 0)
            #expect(status.output.contains(#""part": "warehouse", "state": "ready""#))

            let state = try #require(try RunningStack(StackFolder(data)).state())
            #expect(try await call("down", data).code == 0)
            #expect(!isAlive(state))
            #expect(try await call("down", data).errors.contains("nothing runs"))
        }
    }

    @Test("takes its parts along when it is killed, and the next one starts as if nothing was")
    func killed() async throws {
        try await withData { data in
            _ = try await call("up", data, "--detach", "--only", "warehouse")
            let state = try #require(try RunningStack(StackFolder(data)).state())
            state.supervisor.signalAlone(SIGKILL)
            #expect(try await state.supervisor.hasEnded(within: .seconds(5)))
            for process in state.parts.values.flatMap(\.processes) {
                #expect(try await process.hasEnded(within: .seconds(10)))
            }
            let up = try await call("up", data, "--detach", "--only", "warehouse")
            #expect(up.code == 0, "\(up.errors)")
            #expect(try await call("down", data).code == 0)
        }
    }

    @Test("says what is wrong before it starts anything")
    func mistakes() async throws {
        try await withData { data in
            let part = try await call("up", data, "--only", "warehous")
            #expect(part.code == 2 && part.errors.contains("did you mean `warehouse`?"))
            let alone = try await call("up", data, "--only", "loader")
            #expect(alone.code == 1 && alone.errors.contains("need a broker"))
            #expect(try RunningStack(StackFolder(data)).state() == nil)
        }
    }

    private struct Answer {
        let code: Int32
        let output: String
        let errors: String
    }

    private func call(_ verb: String, _ data: String, _ words: String...) async throws -> Answer {
        var environment = ProcessInfo.processInfo.environment
        // Of a run inside `test-servers`.
        environment["PGPASSWORD"] = nil
        let result = try await run(
            Command(
                program, [verb, "--data", data] + words, environment: environment,
                timeLimit: .seconds(60)))
        var code: Int32 = -1
        if case .exited(let number) = result.ending { code = number }
        return Answer(
            code: code, output: String(decoding: result.output, as: UTF8.self),
            errors: String(decoding: result.errorOutput, as: UTF8.self))
    }

    private func isAlive(_ state: StackState) -> Bool {
        let parts = state.parts.values.flatMap(\.processes)
        return (parts + [state.supervisor]).contains { $0.isAlive }
    }

    /// A data folder for one test; whatever a failed test left running in it is stopped.
    private func withData(_ body: (String) async throws -> Void) async throws {
        let root = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : NSTemporaryDirectory()
        let path = "\(root)/millrace-up-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        do {
            try await body(path)
        } catch {
            _ = try await RunningStack(StackFolder(path)).stop()
            throw error
        }
        _ = try await RunningStack(StackFolder(path)).stop()
        try FileManager.default.removeItem(atPath: path)
    }
}
