import Warehouse

/// Lists who is told about what.
struct ListSubscriptions: Command {
    let name = "subscriptions"
    let summary = "list who is told about what"
    let topic = Topic.people

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let context = try StackContext(arguments)
        let all = try await Subscriptions(context.warehouse()).list()
        console.records(SubscriptionTable.table(all, for: console.format))
        if all.isEmpty, console.format == .table {
            console.note(
                "nobody is told: millrace subscribe --topic '*' --email ADDRESS"
                    + context.dataFlag)
        }
        return .done
    }
}

/// Ends a subscription.
struct RemoveSubscription: Command {
    let name = "subscriptions remove"
    let summary = "tell someone no longer"
    let topic = Topic.people
    let positionals = [Positional("SUBSCRIPTION")]

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let context = try StackContext(arguments)
        let id = arguments.positionals[0]
        guard try await Subscriptions(context.warehouse()).delete(id) else {
            throw CommandError(
                "there is no subscription `\(id)`",
                try: "millrace subscriptions\(context.dataFlag)")
        }
        console.note("\(id) is told no longer")
        return .done
    }
}
