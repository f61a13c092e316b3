import Foundation
import Pipelines
import Postgres
import Warehouse

/// The traffic's files on their way: dropped into the inbox like anybody's, watched to the end.
struct DemoDrop: Sendable {
    let inbox: String
    private let answers: FakeAnswers
    private let traffic: URL
    private let pipeline: String

    init(_ answers: FakeAnswers, _ traffic: URL, _ pipeline: Pipeline, inbox: String) {
        self.answers = answers
        self.traffic = traffic
        self.pipeline = pipeline.name
        let paths = pipeline.datasets.compactMap { dataset -> String? in
            guard case .files(let files) = dataset.source else { return nil }
            return files.path
        }
        self.inbox = "\(inbox)/\(paths.first ?? pipeline.name)"
    }

    /// - Returns: The finished runs, in the order of the tables.
    func run(_ warehouse: PostgresPool, _ console: Console) async throws -> [Run] {
        let begin = Date()
        for table in FakeTable.allCases { try drop(table) }
        var shown: [FakeTable: String] = [:]
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(300)
        while clock.now < deadline {
            let runs = try await Runs(warehouse).list(
                pipeline: pipeline, since: begin.addingTimeInterval(-2))
            let own = FakeTable.allCases.map { table in
                (table, runs.first { $0.dataset == table.rawValue })
            }
            tell(own, &shown, since: begin, console)
            let finished = own.compactMap(\.1).filter(\.state.isFinal)
            if finished.count == own.count { return finished }
            // The table is what everybody reads; 20 ms is a small part of any stage.
            try await clock.sleep(for: .milliseconds(20))
        }
        throw CommandError("the files were not loaded within 5 minutes", try: "millrace status")
    }

    /// Written aside under a name that no pattern takes, then renamed: ingest sees a whole file.
    private func drop(_ table: FakeTable) throws {
        guard let file = answers.tables[table]?.file else { return }
        let folder = URL(filePath: inbox, directoryHint: .isDirectory)
        let files = FileManager.default
        try files.createDirectory(at: folder, withIntermediateDirectories: true)
        let aside = folder.appending(path: ".\(file).part")
        if files.fileExists(atPath: aside.path) { try files.removeItem(at: aside) }
        try files.copyItem(at: traffic.appending(path: file), to: aside)
        try files.moveItem(at: aside, to: folder.appending(path: file))
    }

    /// One line for each stage that a table has reached, with the time since the drop.
    private func tell(
        _ runs: [(FakeTable, Run?)], _ shown: inout [FakeTable: String], since begin: Date,
        _ console: Console
    ) {
        let time = TimeText.seconds(Date().timeIntervalSince(begin))
        for (table, run) in runs {
            let stage = run?.outcome ?? stageBeforeRun(of: table)
            guard shown[table] != stage else { continue }
            shown[table] = stage
            let style = run.map { RunTable.style($0) } ?? .dim
            console.line("  \(pad(time))\(pad(table.rawValue))\(console.paint(stage, style))")
        }
    }

    private func stageBeforeRun(of table: FakeTable) -> String {
        let file = answers.tables[table]?.file ?? ""
        let isWaiting = FileManager.default.fileExists(atPath: "\(inbox)/\(file)")
        return isWaiting ? "arrived" : "captured"
    }

    private func pad(_ text: String) -> String {
        text.padding(toLength: 10, withPad: " ", startingAt: 0)
    }
}
