import Events
import Warehouse

/// Confirms a subscription in the name of its subscriber.
struct ConfirmSubscription: Command {
    let name = "subscriptions confirm"
    let summary = "confirm one for a receiver that is yours"
    let topic = Topic.people
    let positionals = [Positional("SUBSCRIPTION")]
    let options: [Option] = [
        .value("token", "TOKEN", "the one that the subscriber was sent")
    ]
    let details = """
        Without a token you vouch for the receiver; your name is kept. Whoever has
        unsubscribed comes back only by their own token.
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let context = try StackContext(arguments)
        let id = arguments.positionals[0]
        let subscriptions = try Subscriptions(context.warehouse())
        guard let one = try await subscriptions.find(id) else {
            throw CommandError.noSubscription(id, context)
        }
        if let token = arguments.value("token") {
            try await confirm(one, token, subscriptions, context)
        } else {
            do {
                _ = try await subscriptions.vouch(id, by: Operator.name)
            } catch let error as HandlingError {
                throw CommandError(error.description)
            }
        }
        console.note("\(one.target) is told from now on")
        return .done
    }

    private func confirm(
        _ one: Subscription, _ token: String, _ subscriptions: Subscriptions,
        _ context: StackContext
    ) async throws {
        let again = "millrace subscriptions resend-confirmation \(one.id)\(context.dataFlag)"
        // Another subscription's token must not confirm that one by the way.
        if case .confirmed(let meant) = try await subscriptions.read(token: token),
            meant.id != one.id
        {
            throw CommandError("the token is another subscription's", try: again)
        }
        switch try await subscriptions.confirm(token: token, by: Operator.name) {
        case .confirmed: return
        case .used: throw CommandError("the token was used already", try: again)
        case .expired: throw CommandError("the token is too old", try: again)
        case .unknown: throw CommandError("there is no such token", try: again)
        }
    }
}

/// Asks a subscriber once more.
struct ResendConfirmation: Command {
    let name = "subscriptions resend-confirmation"
    let summary = "ask a subscriber once more to confirm"
    let topic = Topic.people
    let positionals = [Positional("SUBSCRIPTION")]

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let context = try StackContext(arguments)
        let id = arguments.positionals[0]
        do {
            guard try await Subscriptions(context.warehouse()).askAgain(id) else {
                throw CommandError.noSubscription(id, context)
            }
        } catch let error as HandlingError {
            throw CommandError(error.description)
        }
        console.note("\(id) is asked again")
        return .done
    }
}
