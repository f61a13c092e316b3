import Foundation
import Lanes
import Processes
import Stack

/// Starts the local stack.
struct Up: Command {
    let name = "up"
    let summary = "start the local stack"
    let topic = Topic.stack
    let options: [Option] = [
        .flag("detach", "leave it running in the background; returns when it is ready"),
        .value(
            "only", "PARTS",
            "start only these, separated by commas: "
                + StackPart.allCases.map(\.rawValue).joined(separator: ", ")),
        .value("broker-url", "URL", "use this broker; its password in MILLRACE_BROKER_PASSWORD"),
        .value("broker-api", "URL", "the management API of that broker"),
        .value(
            "broker-passwords", "DIR",
            "log each service in as a user of its own there; one file per user, made when missing"
        ),
        .value(
            "warehouse-url", "URL",
            "use this PostgreSQL; its password in MILLRACE_WAREHOUSE_PASSWORD"),
    ]
    let details = """
        Starts a private RabbitMQ node and a private PostgreSQL cluster under the data
        folder, on loopback only, and the six services. Ctrl-C stops it; a second one
        stops it at once.
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let plan = try plan(arguments)
        if arguments.flag("detach") {
            return try await Detached(arguments, console).start(plan)
        }
        // The background half of `--detach`: its parent reads events, not text.
        let isBackground = arguments.environment[Detached.variable] != nil
        let announcer = StackAnnouncer(
            console, dataFlag: StackContext.dataFlag(arguments), isBackground: isBackground)
        let stops = StopSignal.stream()
        let supervisor = try Supervisor.takeCharge(
            plan, report: announcer.tell, writeLine: announcer.write)
        guard let supervisor else {
            return try Self.alreadyRunning(arguments, console)
        }
        do {
            try await supervisor.run(until: stops)
        } catch {
            announcer.tell(.failed(message: "\(error)", remedy: (error as? StackError)?.remedy))
            throw error
        }
        return .done
    }

    /// Says where the stack that runs already is.
    static func alreadyRunning(_ arguments: Arguments, _ console: Console) throws -> ExitCode {
        let folder = StackFolder(arguments.data)
        console.note("the stack in \(folder.path) is running already")
        console.note("  try:  millrace status\(StackContext.dataFlag(arguments))")
        return .done
    }

    private func plan(_ arguments: Arguments) throws -> StackPlan {
        var environment = arguments.environment
        environment[Detached.variable] = nil
        var plan = StackPlan(folder: StackFolder(arguments.data), environment: environment)
        if let only = arguments.value("only") { plan.parts = try Self.parts(only) }
        if let url = arguments.value("broker-url") {
            guard let api = arguments.value("broker-api") else {
                throw CommandError(
                    "--broker-url needs --broker-api, e.g. http://HOST:15672", exit: .usage,
                    try: "millrace up --help")
            }
            plan.broker = (url, api)
            plan.brokerPasswords = arguments.value("broker-passwords").map(StackFolder.absolute)
        }
        plan.warehouseURL = arguments.value("warehouse-url")
        return plan
    }

    private static func parts(_ text: String) throws -> Set<StackPart> {
        let names = text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        let known = StackPart.allCases.map(\.rawValue)
        return Set(
            try names.map { name in
                if let part = StackPart(rawValue: name) { return part }
                let hint = nearest(to: name, in: known).map { "; did you mean `\($0)`?" } ?? ""
                throw CommandError(
                    "--only: there is no part `\(name)`\(hint)", exit: .usage,
                    try: "millrace up --help")
            })
    }
}
