import Foundation
import Postgres
import Processes
import Stack

/// The stack that is measured, with the GoodReads pipeline; the programs are those beside this one.
struct BenchStack: Sendable {
    let folder: StackFolder
    let warehouse: PostgresPool

    /// Starts it in a folder of its own and stops it behind `body`, whatever happens.
    static func with<Value: Sendable>(
        _ plan: BenchPlan, _ body: (BenchStack) async throws -> Value
    ) async throws -> Value {
        let root = FileManager.default.temporaryDirectory.path + "/millrace-bench-\(UUID())"
        let folder = StackFolder(root)
        let outcome: Result<Value, any Error>
        do {
            outcome = .success(try await body(try await start(folder)))
        } catch {
            outcome = .failure(error)
        }
        _ = try await RunningStack(folder).stop()
        if FileManager.default.fileExists(atPath: root) {
            try FileManager.default.removeItem(atPath: root)
        }
        return try outcome.get()
    }

    /// Calls the command line.
    static func millrace(_ words: String..., data: StackFolder) async throws {
        let result = try await run(
            Command(
                ServerPrograms.ownFolder + "/millrace", words + ["--data", data.path],
                timeLimit: .seconds(600)))
        guard result.isSuccess else {
            throw BenchError("millrace \(words.joined(separator: " ")): \(result.errorText)")
        }
    }

    /// Drops a file into the inbox as a careful writer does: aside, then renamed.
    func drop(_ file: URL) throws {
        let inbox = URL(filePath: folder.inbox, directoryHint: .isDirectory)
            .appending(path: "goodreads", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: inbox, withIntermediateDirectories: true)
        let aside = inbox.appending(path: ".\(file.lastPathComponent).part")
        try FileManager.default.copyItem(at: file, to: aside)
        try FileManager.default.moveItem(
            at: aside, to: inbox.appending(path: file.lastPathComponent))
    }

    private static func start(_ folder: StackFolder) async throws -> BenchStack {
        try await millrace("up", "--detach", data: folder)
        try await millrace("apply", pipeline, data: folder)
        guard let addresses = try RunningStack(folder).state()?.addresses else {
            throw BenchError("the stack does not run")
        }
        let pool = PostgresPool(
            try addresses.warehouse(ProcessInfo.processInfo.environment), size: 1,
            applicationName: "bench")
        return BenchStack(folder: folder, warehouse: pool)
    }

    static var pipeline: String {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "compose/pipelines/goodreads").path
    }
}
