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
                "nobody is told: millrace subscribe '*' --email ADDRESS" + context.dataFlag)
        }
        return .done
    }
}

/// Shows a subscription whole.
struct ShowSubscription: Command {
    let name = "subscriptions show"
    let summary = "show a subscription whole, with its filter"
    let topic = Topic.people
    let positionals = [Positional("SUBSCRIPTION")]

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let context = try StackContext(arguments)
        let id = arguments.positionals[0]
        guard let one = try await Subscriptions(context.warehouse()).find(id) else {
            throw CommandError.noSubscription(id, context)
        }
        // One record of many fields reads well only when each has a line of its own.
        console.records(SubscriptionTable.table([one], for: console.format))
        guard console.format == .table else { return .done }
        console.line("  body           \(one.body)")
        if let filter = one.filter {
            console.line("  filter         \(Table.clean(filter)) on \(one.filterScope)")
        }
        if let by = one.confirmedBy { console.line("  confirmed by   \(Table.clean(by))") }
        if let error = one.challengeError {
            console.line("  not asked yet  " + console.paint(Table.clean(error), .bad))
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
            throw CommandError.noSubscription(id, context)
        }
        console.note("\(id) is told no longer")
        return .done
    }
}

extension CommandError {
    static func noSubscription(_ id: String, _ context: StackContext) -> CommandError {
        CommandError(
            "there is no subscription `\(id)`", try: "millrace subscriptions\(context.dataFlag)")
    }
}
