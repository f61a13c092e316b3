import Events
import Warehouse

/// Makes a subscription.
struct Subscribe: Command {
    let name = "subscribe"
    let summary = "tell someone about alerts, by mail or webhook"
    let topic = Topic.people
    let options: [Option] = [
        .value("topic", "TOPIC", "which alerts, e.g. batch_refused, check_*; * for all"),
        .value("email", "ADDRESS", "send a mail there"),
        .value("webhook", "URL", "post to it, signed"),
        .value("pipeline", "NAME", "only about that pipeline"),
    ]
    let details = """
          millrace subscribe --topic batch_refused --email someone@example.org

        Topics:
        \(WrappedList.text(AlertRaised.topics))

        A webhook is signed by the rules of Standard Webhooks. Its secret is shown now
        and never again.
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        guard let topic = arguments.value("topic") else {
            throw CommandError(
                "--topic is missing; `*` means every alert", exit: .usage,
                try: "millrace subscribe --help")
        }
        try check(topic)
        let (channel, target) = try target(arguments)
        let context = try StackContext(arguments)
        if let mistake = Subscription.mistake(topic: topic, channel: channel, target: target) {
            throw CommandError(mistake.description, exit: .usage)
        }
        let made = try await Subscriptions(context.warehouse()).create(
            topic: topic, pipeline: arguments.value("pipeline"), channel: channel, target: target)
        console.records(
            SubscriptionTable.table(
                [made.subscription], secret: made.secret, for: console.format))
        if console.format == .table, made.secret != nil {
            console.note("keep the secret: it verifies the signature and is not shown again")
        }
        return .done
    }

    /// A topic that is never said would be a subscription that stays silent for ever.
    private func check(_ topic: String) throws(CommandError) {
        let topics = AlertRaised.topics
        let isKnown =
            topic.hasSuffix("*")
            ? topics.contains { $0.hasPrefix(topic.dropLast()) } : topics.contains(topic)
        guard !isKnown else { return }
        let hint = nearest(to: topic, in: topics).map { "; did you mean `\($0)`?" } ?? ""
        throw CommandError("no alert has the topic `\(topic)`\(hint)", exit: .usage)
    }

    private func target(
        _ arguments: Arguments
    ) throws(CommandError) -> (Subscription.Channel, String) {
        switch (arguments.value("email"), arguments.value("webhook")) {
        case (let email?, nil): return (.email, email)
        case (nil, let webhook?): return (.webhook, webhook)
        default:
            throw CommandError(
                "give one of --email and --webhook", exit: .usage,
                try: "millrace subscribe --help")
        }
    }
}
