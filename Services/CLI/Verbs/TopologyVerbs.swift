import Broker
import Stack

/// Shows what `topology apply` would do.
struct TopologyPlan: Command {
    let name = "topology plan"
    let summary = "show what `topology apply` would change"
    let topic = Topic.stack
    let options = TopologyVerb.options

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let differences = try await TopologyVerb.api(arguments).plan()
        TopologyVerb.show(differences, console, none: "the topology is as it should be")
        return .done
    }
}

/// Makes the broker as the services expect it.
struct TopologyApply: Command {
    let name = "topology apply"
    let summary = "make queues, policies and users as expected"
    let topic = Topic.stack
    let options =
        TopologyVerb.options + [
            .flag("migrate", "also replace what AMQP cannot change; messages are moved, not lost")
        ]
    let details = """
        Run it as an administrator of the broker. What holds messages is not deleted;
        with --migrate they are moved aside and back, each confirmed before it is taken
        away. Exits with 1 when something is left for a person.
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let api = try TopologyVerb.api(arguments)
        let address = try StackContext(arguments).broker()
        let done = try await api.apply(migratingAt: arguments.flag("migrate") ? address : nil)
        TopologyVerb.show(done, console, none: "nothing to change")
        return .done
    }
}

/// Says whether the broker is as the services expect it.
struct TopologyVerify: Command {
    let name = "topology verify"
    let summary = "compare the broker with what services expect"
    let topic = Topic.stack
    let options = TopologyVerb.options
    let details = "Exits with 1 when it differs."

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let differences = try await TopologyVerb.api(arguments).plan()
        TopologyVerb.show(differences, console, none: "the topology is as it should be")
        let count = differences.count { $0.remedy != .advise }
        guard count > 0 else { return .done }
        throw CommandError(
            "the broker differs in \(count) points",
            try: "millrace topology apply\(StackContext.dataFlag(arguments))")
    }
}

/// What the three have in common.
private enum TopologyVerb {
    static let options: [Option] = [
        .value("host", "NAME", "a host that runs a lander, this one if none; repeatable"),
        .value(
            "passwords", "DIR", "users for the services; one file per user, made when missing"),
    ]

    static func api(_ arguments: Arguments) throws -> TopologyAPI {
        let context = try StackContext(arguments)
        return try context.topology(
            hosts: arguments.values("host"), passwords: arguments.value("passwords"))
    }

    static func show(_ differences: [TopologyDifference], _ console: Console, none: String) {
        if differences.isEmpty, console.format == .table {
            console.line(none)
            return
        }
        var table = Table("what", "do", "wanted", "is")
        for difference in differences {
            table.add([
                Cell(difference.subject),
                Cell(difference.remedy.rawValue, difference.needsPerson ? .bad : .warned),
                Cell(difference.wanted), Cell(difference.live),
            ])
        }
        console.records(table)
        for difference in differences where difference.needsPerson {
            console.note("\(difference.subject):")
            for (number, step) in difference.steps.enumerated() {
                console.note("  \(number + 1). \(step)")
            }
        }
    }
}

extension TopologyDifference {
    fileprivate var needsPerson: Bool {
        switch remedy {
        case .replace, .byHand, .advise: true
        case .create, .change, .remove: false
        }
    }
}
