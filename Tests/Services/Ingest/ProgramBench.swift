import Broker
import Events
import Foundation
import Kit
import Pipelines
import Service
import Spool
import Telemetry

@testable import ingest

/// An ingest with sources that run programs only; the programs are scripts of a test.
struct ProgramBench: Sendable {
    let path: String
    let spool: Spool
    let publisher = RecordingPublisher()
    let lines = Lines()
    let watch: ProgramWatch
    let parts: ProgramParts

    init(_ path: String, folders: [String] = []) throws {
        let lines = lines
        self.path = path
        spool = Spool(directory: path + "/spool")
        let context = ServiceContext(
            name: "ingest", host: "here",
            log: Log(service: "ingest", form: .json) { lines.add($0) }, metrics: Metrics(),
            publisher: publisher)
        let secrets = PipelineSecrets([
            "MILLRACE_SECRET_SHOP": "open sesame", "MILLRACE_SECRET_TAP": "hush hush",
        ])
        let rules = ProgramRules(
            folders: [path + "/bin"] + folders, work: path + "/work", secrets: secrets,
            grace: .milliseconds(300))
        parts = ProgramParts(
            spool: spool, announcements: Announcements(spool: spool, context: context),
            context: context, rules: rules)
        watch = ProgramWatch(parts)
        try FileManager.default.createDirectory(
            atPath: path + "/bin", withIntermediateDirectories: true)
    }

    /// Writes a program that may be run.
    func write(_ script: String, _ name: String, by interpreter: String = "/bin/sh") throws {
        let file = "\(path)/bin/\(name)"
        // A program that is running cannot be written to.
        if FileManager.default.fileExists(atPath: file) {
            try FileManager.default.removeItem(atPath: file)
        }
        try Data("#!\(interpreter)\n\(script)\n".utf8).write(to: URL(filePath: file))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file)
    }

    /// The lines of all segments of a dataset, in order.
    func records(_ dataset: String = "orders") async throws -> [String] {
        try await spool.segments().filter { $0.facts.dataset == dataset }.flatMap { segment in
            try String(contentsOfFile: segment.path, encoding: .utf8).split(separator: "\n")
        }.map(String.init)
    }

    /// What is left of folders that programs had.
    var folders: [String] {
        get throws {
            FileManager.default.fileExists(atPath: path + "/work")
                ? try FileManager.default.contentsOfDirectory(atPath: path + "/work") : []
        }
    }
}

extension AppliedDataset {
    static func program(
        _ source: Source, _ name: String = "orders", format: Format = .byName(CSVFormat()),
        load: Load.Mode = .append
    ) -> AppliedDataset {
        AppliedDataset(
            pipeline: "shop", revision: "0123456789ab",
            dataset: Dataset(
                name: name, source: source, format: format,
                columns: [Column(name: "id", field: "id", type: .bigint)], transform: nil,
                load: Load(mode: load, key: [], newestBy: nil), checks: []))
    }

    static func command(
        _ run: [String], every seconds: Int = 3_600, timeout: Int = 60,
        environment: [String: SettingValue] = [:], format: Format = .byName(CSVFormat()),
        load: Load.Mode = .append
    ) -> AppliedDataset {
        let program = SourceProgram(
            run: run, environment: environment, when: .every(seconds: seconds),
            timeoutSeconds: timeout)
        return .program(.command(program), format: format, load: load)
    }
}

/// Runs `body` while an ingest runs the programs.
func withPrograms(
    in path: String, _ items: [AppliedDataset], _ scripts: [String: String] = [:],
    _ body: @escaping @Sendable (ProgramBench) async throws -> Void
) async throws {
    let bench = try ProgramBench(path)
    for (name, script) in scripts { try bench.write(script, name) }
    await bench.watch.follow(items)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await bench.watch.run() }
        try await body(bench)
        group.cancelAll()
    }
}
