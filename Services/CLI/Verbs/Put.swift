import Broker
import Events
import Foundation
import Lake
import Pipelines
import Spool
import Stack
import Telemetry

/// Hands files to a dataset, as if they had been dropped into its inbox.
struct Put: Command {
    let name = "put"
    let summary = "hand files to a dataset of a pipeline"
    let topic = Topic.data
    let positionals = [
        Positional("PIPELINE"), Positional("DATASET"),
        Positional("FILE", isRepeatable: true, completion: .files),
    ]
    let options: [Option] = [
        .flag("wait", "return when the files are published or refused"),
        .flag("again", "hand over files that the dataset has already"),
        .value("timeout", "SECONDS", "how long --wait waits; 600 by default"),
    ]
    let details = """
        A file whose bytes the dataset has already is nothing new; --again sends it all
        the same: rows with a key stay as they are, where rows are appended they double.
        The files stay where they are.

        Exits with 3 when a file's batch was refused by a check, or when none of a
        file's records could go on.
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let limit = try arguments.integer("timeout", default: 600, in: 1...86_400)
        let context = try StackContext(arguments)
        let (pipeline, dataset) = (arguments.positionals[0], arguments.positionals[1])
        let revision = try await Self.revision(of: pipeline, dataset, context)
        var files = try arguments.positionals.dropFirst(2).map { try PutFile(path: $0) }
        let ledger = PutLedger(
            pool: try context.warehouse(), lake: try context.lake(), pipeline: pipeline,
            dataset: dataset)
        if !arguments.flag("again") { try await ledger.markKnown(&files) }
        try await hand(&files, revision, context, ledger)
        if arguments.flag("wait") {
            try await ledger.wait(&files, limit: .seconds(limit), console)
        }
        console.records(PutFile.table(files))
        return try conclude(files, arguments, console)
    }

    /// Writes the new files to the spool and tells the lander of them.
    private func hand(
        _ files: inout [PutFile], _ revision: String, _ context: StackContext, _ ledger: PutLedger
    ) async throws {
        let host = context.addresses.host
        let spool = Spool(directory: context.addresses.spool)
        var segments: [Segment] = []
        for index in files.indices where files[index].state == .new {
            let label = SegmentLabel(
                pipeline: ledger.pipeline, revision: revision, dataset: ledger.dataset, host: host,
                name: files[index].name, arrivedAt: Date())
            let segment = try await spool.copy(fileAt: files[index].path, as: label)
            files[index].object = "\(segment.id)-\(LakeKeys.safe(segment.facts.name))"
            files[index].state = .handedOver
            segments.append(segment)
        }
        guard !segments.isEmpty else { return }
        let events = try segments.map { try $0.event(from: "/millrace/cli/\(host)") }
        let log = Log(service: "put", threshold: .error)
        try await RabbitPublisher.with(try context.broker(), name: "millrace put", log: log) {
            try await $0.publish(events)
        }
    }

    private static func revision(
        of pipeline: String, _ dataset: String, _ context: StackContext
    ) async throws -> String {
        let catalog = try context.catalog()
        guard let current = try await catalog.current(pipeline) else {
            let names = try await catalog.names()
            let hint = nearest(to: pipeline, in: names).map { "; did you mean `\($0)`?" } ?? ""
            throw CommandError(
                "no pipeline `\(pipeline)` is applied\(hint)", exit: .usage,
                try: "millrace apply compose/pipelines/\(pipeline)\(context.dataFlag)")
        }
        guard current.pipeline.dataset(dataset) != nil else {
            let names = current.pipeline.datasets.map(\.name)
            throw CommandError(
                "\(pipeline) has no dataset `\(dataset)`; it has \(names.joined(separator: ", "))",
                exit: .usage, try: "millrace put \(pipeline) \(names.first ?? "DATASET") FILE")
        }
        return current.revision
    }

    private func conclude(
        _ files: [PutFile], _ arguments: Arguments, _ console: Console
    ) throws -> ExitCode {
        let flag = StackContext.dataFlag(arguments)
        let unfinished = files.filter { $0.state == .handedOver }
        if arguments.flag("wait"), !unfinished.isEmpty {
            throw CommandError(
                "\(unfinished.count) of \(files.count) files are still on their way",
                exit: .transient, try: "millrace status\(flag)")
        }
        if files.contains(where: { $0.state == .nothingNew }) {
            console.note("the dataset has these bytes already; --again sends them all the same")
        }
        if let file = files.first(where: { $0.state == .rejected }) {
            throw CommandError(
                "\(file.name): nothing of it could go on", exit: .gateFailed,
                try: "millrace rejects list --run \(file.run ?? "RUN")\(flag)")
        }
        if let file = files.first(where: { $0.letter != nil }), let letter = file.letter {
            throw CommandError(
                "\(file.name): its event was set aside", exit: .failed,
                try: "millrace dead show \(letter)\(flag)")
        }
        if let file = files.first(where: { $0.state == .refused || $0.state == .failed }) {
            throw CommandError(
                "\(file.name): the batch was \(file.state.rawValue)",
                exit: file.state == .refused ? .gateFailed : .failed,
                try: "millrace show \(file.run ?? "RUN")\(flag)")
        }
        return .done
    }
}
