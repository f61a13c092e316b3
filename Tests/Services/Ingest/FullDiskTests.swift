import Events
import Foundation
import Kit
import Lake
import Pipelines
import Processes
import Spool
import Testing

@testable import ingest

@Suite(
    "The process ingest without room to write", .timeLimit(.minutes(5)),
    .enabled(if: TestBroker.isAvailable, Comment(rawValue: TestBroker.missing)))
struct FullDiskTests {
    @Test("stays alive, leaves the file where it is, and takes it once there is room")
    func limited() async throws {
        try await withVirtualHost { host in
            try await withFolder { path in
                let lake = try LakeAddress.open("file://\(path)/lake")
                let dataset = AppliedDataset.sample().dataset
                _ = try await PipelineCatalog(lake: lake).apply(
                    Pipeline(
                        name: "shop", description: nil, schema: "shop", parameters: [],
                        datasets: [dataset], models: []))
                let ingest = try await start(path, host.url)
                let log = Lines()
                let errors = FileHandle(fileDescriptor: try #require(ingest.takeErrorOutput()))
                errors.readabilityHandler = { handle in
                    let text = String(decoding: handle.availableData, as: UTF8.self)
                    text.split(separator: "\n").forEach { log.add(String($0)) }
                }
                try await check(ingest, path, log)
                let result = await ingest.stop()
                #expect(result.isSuccess)
                #expect(log.count(of: Self.reason) == 1, "it is said once")
                errors.readabilityHandler = nil
                try errors.close()
            }
        }
    }

    private static let reason = "there is no room in the spool"

    private func check(_ ingest: ChildProcess, _ path: String, _ log: Lines) async throws {
        let inbox = path + "/inbox/orders"
        try await eventually(within: .seconds(60), "it runs") {
            FileManager.default.fileExists(atPath: inbox)
        }
        // Every write to a file fails from now on, with EFBIG.
        try await limit(ingest, to: "0")
        let file = inbox + "/a.csv"
        try Data("id\n1\n".utf8).write(to: URL(filePath: file))
        try await eventually(within: .seconds(60), "it says why") {
            log.count(of: Self.reason) == 1
        }
        #expect(FileManager.default.fileExists(atPath: file))
        let spool = Spool(directory: path + "/spool")
        #expect(try await spool.segments().isEmpty)
        try await limit(ingest, to: "unlimited")
        try await eventually(within: .seconds(60), "it goes on by itself") {
            try await spool.segments().map(\.facts.name) == ["a.csv"]
        }
        #expect(!FileManager.default.fileExists(atPath: file))
        let names = try FileManager.default.contentsOfDirectory(atPath: path + "/spool")
        #expect(names.allSatisfy { !$0.hasSuffix(".part") && !$0.hasPrefix(".check") })
    }

    private func limit(_ child: ChildProcess, to bytes: String) async throws {
        let result = try await run(
            Command("prlimit", ["--pid", "\(child.id)", "--fsize=\(bytes):"]))
        try #require(result.isSuccess, "\(result.errorText)")
    }

    private func start(_ path: String, _ broker: String) async throws -> ChildProcess {
        let programs = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().path
        return try await ChildProcess.start(
            Command(
                programs + "/millrace-ingest",
                [
                    "--lake", "file://\(path)/lake", "--spool", path + "/spool",
                    "--inbox", path + "/inbox", "--broker-url", broker, "--host", "here",
                    "--log-form", "json",
                ], errorOutput: .pipe))
    }
}
