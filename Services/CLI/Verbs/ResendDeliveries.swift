import Foundation
import Warehouse

/// Sends deliveries again that were given up.
struct ResendDeliveries: Command {
    let name = "deliveries resend"
    let summary = "send deliveries again that were given up"
    let topic = Topic.people
    let positionals = [Positional("DELIVERY", isRequired: false, isRepeatable: true)]
    let options: [Option] = [
        .value("subscription", "ID", "all of that subscription"),
        .value("since", "TIME", "only those made since: 2h, 7d, a date or a time"),
        .flag("dry-run", "say how many, and send nothing"),
    ]
    let details = """
        A delivery goes out with the id that it had, so that a receiver which has it
        after all can tell, and with all the tries of its subscription's policy.
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let words = arguments.positionals
        guard words.isEmpty != (arguments.value("subscription") == nil) else {
            throw CommandError(
                "name deliveries, or --subscription ID", exit: .usage,
                try: "millrace deliveries --failed")
        }
        let context = try StackContext(arguments)
        let deliveries = Deliveries(try context.warehouse())
        var ids: [String] = []
        for word in words { ids.append(try await Self.id(word, deliveries)) }
        let filter = try ListDeliveries.filter(arguments)
        return try await Resending(context: context, console: console, arguments: arguments).run(
            filter, ids: words.isEmpty ? nil : ids, verb: name)
    }

    private static func id(_ word: String, _ deliveries: Deliveries) async throws -> String {
        let found = try await deliveries.find(word)
        guard let delivery = found.first, found.count == 1 else {
            throw CommandError(
                found.isEmpty
                    ? "there is no delivery `\(word)`"
                    : "`\(word)` begins the ids of several deliveries; write more of it")
        }
        guard delivery.state == .failed else {
            throw CommandError(
                "\(delivery.id) is \(delivery.state.rawValue); only failed ones go again")
        }
        return delivery.id
    }
}

/// Sends everything again that a subscription has missed.
struct RecoverDeliveries: Command {
    let name = "deliveries recover"
    let summary = "send all again that a subscription missed since"
    let topic = Topic.people
    let positionals = [Positional("SUBSCRIPTION")]
    let options: [Option] = [
        .value("since", "TIME", "made since: 2h, 7d, a date or a time; must be given"),
        .flag("dry-run", "say how many, and send nothing"),
    ]
    let details = """
          millrace subscriptions enable 01M7YJN42R
          millrace deliveries recover 01M7YJN42R --since 3d
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        var filter = try ListDeliveries.filter(arguments)
        guard filter.since != nil else {
            throw CommandError(
                "--since is missing; write 30m, 2h, 7d, a date, or a time with its zone",
                exit: .usage, try: "millrace deliveries recover --help")
        }
        filter.subscription = arguments.positionals[0]
        let context = try StackContext(arguments)
        return try await Resending(context: context, console: console, arguments: arguments).run(
            filter, ids: nil, verb: name)
    }
}

/// What both have in common: it is written down who did it, and said what holds it up.
private struct Resending {
    let context: StackContext
    let console: Console
    let arguments: Arguments

    func run(
        _ filter: Deliveries.Filter, ids: [String]?, verb: String
    ) async throws -> ExitCode {
        let pool = try context.warehouse()
        let all = try await Subscriptions(pool).list()
        let known = all.filter { $0.id.hasPrefix(filter.subscription?.uppercased() ?? "") }
        if let word = filter.subscription, known.count != 1 {
            throw CommandError(
                known.isEmpty
                    ? "there is no subscription `\(word)`"
                    : "`\(word)` begins the ids of several subscriptions; write more of it",
                try: "millrace subscriptions\(context.dataFlag)")
        }
        if arguments.flag("dry-run") {
            var failed = filter
            failed.states = [.failed]
            let found = try await Deliveries(pool).list(failed, limit: 100_000)
            let count = found.count { ids?.contains($0.id) ?? true }
            console.note("\(TimeText.count(count, "delivery", "deliveries")) would be sent again")
            return .done
        }
        let audit = Audit(pool)
        let entry = try await audit.begin(
            who: Operator.name, verb: verb, arguments: arguments.words, selected: ids?.count ?? 0)
        let count = try await Deliveries(pool).resend(filter, ids: ids)
        try await audit.end(entry, done: count, outcome: "sent again")
        console.note("\(TimeText.count(count, "delivery", "deliveries")) will be sent again")
        if filter.subscription != nil, let one = known.first, one.disabledAt != nil {
            throw CommandError(
                "the subscription is disabled, so they wait",
                try: "millrace subscriptions enable \(one.id)\(context.dataFlag)")
        }
        return .done
    }
}
