import Broker
import Stack

/// Shows what `topology apply` would do.
struct TopologyPlan: Command {
    let name = "topology plan"
    let summary = "show what `topology apply` would change"
    let topic = Topic.stack

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let differences = try await TopologyVerb.api(arguments).plan()
        TopologyVerb.show(differences, console, none: "the topology is as it should be")
        return .done
    }
}

/// Makes the broker as the services expect it.
struct TopologyApply: Command {
    let name = "topology apply"
    let summary = "make exchanges, queues and policies as expected"
    let topic = Topic.stack

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let done = try await TopologyVerb.api(arguments).apply()
        TopologyVerb.show(done, console, none: "nothing to change")
        return .done
    }
}

/// Says whether the broker is as the services expect it.
struct TopologyVerify: Command {
    let name = "topology verify"
    let summary = "compare the broker with what services expect"
    let topic = Topic.stack
    let details = "Exits with 1 when it differs."

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let differences = try await TopologyVerb.api(arguments).plan()
        TopologyVerb.show(differences, console, none: "the topology is as it should be")
        guard !differences.isEmpty else { return .done }
        throw CommandError(
            "the broker differs in \(differences.count) points",
            try: "millrace topology apply\(StackContext.dataFlag(arguments))")
    }
}

/// What the three have in common.
private enum TopologyVerb {
    static func api(_ arguments: Arguments) throws -> TopologyAPI {
        let context = try StackContext(arguments)
        let topology = Topology.millrace(hosts: [context.addresses.host])
        return TopologyAPI(
            topology, over: try context.management(),
            virtualHost: try context.broker().virtualHost)
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
                Cell(difference.remedy.rawValue, difference.remedy == .replace ? .bad : .warned),
                Cell(difference.wanted), Cell(difference.live),
            ])
        }
        console.records(table)
    }
}
