import Events
import Warehouse

/// Gathers what a subscription is told.
struct DigestSubscription: Command {
    let name = "subscriptions digest"
    let summary = "tell someone hourly or daily, in one notice"
    let topic = Topic.people
    let positionals = [Positional("SUBSCRIPTION"), Positional("WHEN", isRepeatable: true)]
    let details = """
          millrace subscriptions digest ID hourly
          millrace subscriptions digest ID daily 07:00 Europe/Berlin
          millrace subscriptions digest ID off       tells as alerts come
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let id = arguments.positionals[0]
        let words = Array(arguments.positionals.dropFirst())
        let digest = try digest(words)
        let context = try StackContext(arguments)
        guard try await Subscriptions(context.warehouse()).set(digest, of: id) else {
            throw CommandError(
                "there is no subscription `\(id)`",
                try: "millrace subscriptions\(context.dataFlag)")
        }
        console.note("\(id) is told \(digest?.text ?? "as alerts come")")
        return .done
    }

    private func digest(_ words: [String]) throws(CommandError) -> Digest? {
        if words == ["off"] { return nil }
        do throws(HandlingError) {
            return try Digest(words)
        } catch {
            throw CommandError(error.description, exit: .usage)
        }
    }
}
