import Events
import Foundation
import Outbound
import Pipelines
import Postgres
import Processes
import Stack
import Warehouse

/// The demo from the start of its stack to the last printed line.
struct DemoShow: Sendable {
    private let plan: DemoPlan
    private let console: Console

    init(_ plan: DemoPlan, _ console: Console) {
        self.plan = plan
        self.console = console
    }

    func run() async throws -> ExitCode {
        let receivers = try DemoReceivers()
        return try await withThrowingTaskGroup(of: ExitCode?.self) { group in
            group.addTask {
                await receivers.run()
                return nil
            }
            group.addTask { try await show(receivers) }
            defer { group.cancelAll() }
            while let code = try await group.next() {
                if let code { return code }
            }
            return .interrupted
        }
    }

    private func show(_ receivers: DemoReceivers) async throws -> ExitCode {
        headline("The stack", "a private RabbitMQ, a private PostgreSQL, six services")
        try await startStack(receivers)
        let context = try StackContext(plan.arguments)
        let warehouse = try context.warehouse()
        let pipeline = try await apply(context)
        headline("The traffic", "\(TimeText.grouped(plan.faker.rows)) records, dirty on purpose")
        let answers = try plan.faker.write(to: plan.traffic)
        let models = DemoModels(pipeline, warehouse)
        let report = DemoReport(console, warehouse, dataFlag: plan.dataFlag)
        let subscriptions = DemoSubscriptions(receivers, warehouse)
        try await subscriptions.remove()
        let known = try await knownRuns(answers, warehouse)
        if known.count == FakeTable.allCases.count {
            try await report.nothingNew(known)
            return .done
        }
        try await subscriptions.make()
        console.line("  subscribed \(receivers.address) and \(receivers.url) to every alert")
        let drop = DemoDrop(answers, plan.traffic, pipeline, inbox: plan.folder.inbox)
        headline("The way", "dropped into \(drop.inbox)")
        let runs = try await drop.run(warehouse, console)
        try await models.wait()
        try await subscriptions.waitForAlerts(rejected: runs.contains { $0.counts.rejected > 0 })
        try await report.tell(runs, answers: answers)
        report.alerts(receivers)
        try await subscriptions.remove()
        return runs.allSatisfy { $0.state == .published } ? .done : .gateFailed
    }

    private func headline(_ title: String, _ text: String) {
        console.line("\n\(console.paint(title, .strong))  \(console.paint(text, .dim))")
    }

    /// The same as a person's `up --detach`, with the receivers in the notifier's settings.
    private func startStack(_ receivers: DemoReceivers) async throws {
        let program = ServerPrograms.ownFolder + "millrace"
        let environment = plan.arguments.environment.merging(receivers.settings) { $1 }
        let clock = ContinuousClock()
        let begin = clock.now
        console.progress("starting")
        let result = try await Processes.run(
            Processes.Command(
                program, ["up", "--detach", "--data", plan.folder.path], environment: environment))
        console.endProgress()
        guard result.isSuccess else {
            throw CommandError(
                "the stack did not start:\n"
                    + String(decoding: result.errorOutput, as: UTF8.self),
                try: "millrace up\(plan.dataFlag)")
        }
        let seconds = (clock.now - begin) / .seconds(1)
        console.line("  up in \(TimeText.seconds(seconds)), in \(plan.folder.path)")
    }

    private func apply(_ context: StackContext) async throws -> Pipeline {
        let (pipeline, report) = PipelineFolder.read(plan.pipeline)
        guard let pipeline else {
            console.note(report.text(colour: console.hasColour))
            throw CommandError(
                "the pipeline has mistakes", exit: .usage, try: "millrace lint \(plan.pipeline)")
        }
        let revision = try await context.catalog().apply(pipeline)
        let parts =
            "\(TimeText.count(pipeline.datasets.count, "dataset")), "
            + TimeText.count(pipeline.models.count, "model")
        console.line("  pipeline \(pipeline.name) applied, revision \(revision): \(parts)")
        return pipeline
    }

    /// The runs that have published these very files, where there are such.
    private func knownRuns(
        _ answers: FakeAnswers, _ warehouse: PostgresPool
    ) async throws -> [Run] {
        var runs: [Run] = []
        for table in FakeTable.allCases {
            guard let digest = answers.tables[table]?.sha256 else { continue }
            let entries = try await Ledger(warehouse).find(sha256: digest)
            let entry = entries.first { $0.pipeline == "goodreads" && $0.dataset == table.rawValue }
            guard let batch = entry?.batch else { continue }
            if let run = try await Runs(warehouse).run(of: batch) { runs.append(run) }
        }
        return runs
    }
}
