import Foundation
import Glibc
import Kit
import Postgres
import Processes
import Stack
import Testing

/// The stack that the tests share, driven by the command line alone.
final class TestStack: Sendable {
    @TaskLocal static var current: TestStack?

    private let root: String
    /// Everything of it.
    let folder: StackFolder
    /// Where the tests put what is theirs.
    let scratch: String
    let receivers: TestReceivers
    let traffic = TrafficCache()
    private let environment: [String: String]

    /// The stack of the suite that runs.
    static func required() throws -> TestStack { try #require(current, "no stack runs") }

    /// True when the programs are here that a stack is made of.
    static var canRun: Bool {
        do {
            _ = try ServerPrograms.broker()
            _ = try ServerPrograms.warehouse()
            return ServerPrograms.engine() != nil
        } catch {
            return false
        }
    }

    /// Starts it in a folder of its own; returns when it is ready.
    static func start() async throws -> TestStack {
        let root = FileManager.default.temporaryDirectory.path + "/millrace-e2e-\(UUID())"
        let stack = TestStack(root, try TestReceivers())
        try FileManager.default.createDirectory(
            atPath: stack.scratch, withIntermediateDirectories: true)
        let answer = try await stack.millrace("up", "--detach")
        guard answer.code == 0 else {
            throw StackError("the stack did not start: \(answer.errors)")
        }
        return stack
    }

    private init(_ root: String, _ receivers: TestReceivers) {
        self.root = root
        folder = StackFolder(root + "/data")
        scratch = root + "/scratch"
        self.receivers = receivers
        var environment = ProcessInfo.processInfo.environment
        environment.merge(receivers.settings) { $1 }
        environment["MILLRACE_DUCKDB"] = ServerPrograms.engine()
        environment["NO_COLOR"] = "1"
        environment["MILLRACE_SOURCE_ALLOW"] = "127.0.0.0/8"
        environment["MILLRACE_SECRET_END_TO_END"] = "end to end"
        environment["MILLRACE_SECRET_GOODREADS_KEY"] = "end to end"
        self.environment = environment
    }

    /// Stops it, and says so when something of it is left.
    func stop() async throws {
        let processes = try StackState.read(folder)?.parts.values.flatMap(\.processes) ?? []
        let answer = try await millrace("down")
        #expect(answer.code == 0, "\(answer.errors)")
        #expect(processes.filter(\.isAlive).isEmpty, "something still runs")
        try FileManager.default.removeItem(atPath: root)
    }

    /// Calls the command line as a person does.
    @discardableResult
    func millrace(_ words: String...) async throws -> Answer { try await millrace(words) }

    func millrace(_ words: [String]) async throws -> Answer {
        Answer(try await run(command(words)))
    }

    /// Begins a call of the command line, which the caller ends.
    func start(_ words: String...) async throws -> ChildProcess {
        try await ChildProcess.start(command(words))
    }

    /// Kills a service of it.
    ///
    /// - Returns: The process that it was.
    @discardableResult
    func kill(_ service: StackPart) throws -> Int32 {
        let part = try #require(try StackState.read(folder)?.parts[service.rawValue])
        let process = try #require(part.processes.first)
        #expect(Glibc.kill(process.id, SIGKILL) == 0)
        return process.id
    }

    private func command(_ words: [String]) -> Command {
        Command(
            Self.programs + "/millrace", words + ["--data", folder.path],
            environment: environment, output: .capture(.first, limitBytes: 256 << 20),
            timeLimit: .seconds(900))
    }

    /// Connections to its warehouse, for questions that the command line does not answer.
    func warehouse() throws -> PostgresPool {
        let addresses = try #require(try RunningStack(folder).state()?.addresses)
        return PostgresPool(
            try addresses.warehouse(environment), size: 2, applicationName: "end-to-end")
    }

    /// An empty folder for one test.
    func newFolder(_ name: String) throws -> URL {
        let url = URL(filePath: scratch, directoryHint: .isDirectory)
            .appending(path: "\(name)-\(UUID())", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        return url
    }

    /// Where the built programs are: beside the test bundle, or where the environment says.
    static var programs: String {
        if let given = ProcessInfo.processInfo.environment["MILLRACE_TEST_PROGRAMS"] {
            return given
        }
        return URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().path
    }
}

/// What a call of `millrace` gave.
struct Answer: Sendable {
    /// The exit code; nil when it was killed.
    let code: Int32?
    let text: String
    let errors: String

    init(_ result: ProcessResult) {
        code = if case .exited(let code) = result.ending { code } else { nil }
        text = result.text
        errors = result.errorText
    }

    /// The answer of a verb with `--format json`.
    func decoded<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }
}
