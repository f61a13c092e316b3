import Events
import Filters
import Foundation
import Warehouse

/// Makes a subscription.
struct Subscribe: Command {
    let name = "subscribe"
    let summary = "tell someone about alerts, by mail or webhook"
    let topic = Topic.people
    let positionals = [Positional("TOPIC[,TOPIC]")]
    let options: [Option] =
        [
            .value("email", "ADDRESS", "send a mail there"),
            .value("webhook", "URL", "post to it, signed"),
            .value("command", "PROGRAM", "run it where the notifier runs", completion: .files),
            .value("pipeline", "NAME", "only about that pipeline"),
            .value("filter", "JSON|@FILE", "only what this filter policy lets through"),
            .choice(
                "filter-scope", FilterPolicy.Scope.allCases.map(\.rawValue),
                "what the policy looks at; attributes by default"),
            .flag("raw", "send the alert alone, without its envelope"),
            .flag("confirmed", "you vouch for the receiver: it is not asked"),
        ] + DeliveryFlags.options
    let details = """
          millrace subscribe batch_refused --email someone@example.org
          millrace subscribe 'check_*,rejects' --webhook https://example.org/hook \\
              --filter '{"severity": ["critical"], "dataset": [{"prefix": "web_"}]}'

        Topics, or the beginning of some and *, or * for all:
        \(WrappedList.text(AlertRaised.topics))

        Whoever is subscribed is asked first, by a mail with a link or by a POST that
        is answered with its token, and has \(Subscriptions.confirmationDays) days to confirm.
        Nothing else is sent until then. A program is not asked: it is yours.

        A filter policy has the words of Amazon SNS (Shared/Filters/README.md). The
        attributes are \(Subscriptions.attributes.prefix(4).joined(separator: ", ")),
        \(Subscriptions.attributes.dropFirst(4).joined(separator: ", ")).

        A webhook is signed by the rules of Standard Webhooks. Its secret is shown now
        and never again.
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let request = try request(arguments)
        if let mistake = request.mistake {
            throw CommandError(mistake.description, exit: .usage)
        }
        for topic in request.topics { try check(topic) }
        let context = try StackContext(arguments)
        let isVouched = arguments.flag("confirmed") || request.channel == .command
        let made = try await Subscriptions(context.warehouse()).create(
            request, vouchedBy: isVouched ? Operator.name : nil)
        console.records(
            SubscriptionTable.table(
                [made.subscription], secret: made.secret, for: console.format))
        if console.format == .table {
            if made.secret != nil {
                console.note(
                    "keep the secret: it verifies the signature and is not shown again")
            }
            try await tell(made.subscription, console, context)
        }
        return .done
    }

    /// What becomes of the question, where it is known within some seconds.
    private func tell(
        _ subscription: Subscription, _ console: Console, _ context: StackContext
    ) async throws {
        guard subscription.state == .pending else { return }
        let subscriptions = try Subscriptions(context.warehouse())
        let target = subscription.target
        let way = subscription.channel == .email ? "by mail" : "by a signed POST"
        switch try await outcome(subscription.id, subscriptions) {
        case .asked:
            console.note("\(target) was asked \(way); nothing else is sent until it confirms.")
        case .failed(let reason):
            console.note("\(target) could not be asked \(way) yet: \(reason)")
        case .waiting:
            console.note("\(target) is asked \(way) as soon as a notifier runs.")
        case .answered:
            return console.note("\(target) was asked \(way), and has confirmed.")
        }
        console.note(
            "If it is yours: millrace subscriptions confirm \(subscription.id)"
                + context.dataFlag)
    }

    /// Waits for some seconds until a notifier has tried.
    private func outcome(
        _ id: String, _ subscriptions: Subscriptions
    ) async throws -> QuestionState {
        var state: QuestionState?
        for _ in 0..<25 {
            state = try await subscriptions.question(to: id)
            guard state == .waiting else { break }
            try await Task.sleep(for: .milliseconds(200))
        }
        return state ?? .answered
    }

    private func request(_ arguments: Arguments) throws -> SubscriptionRequest {
        let (channel, target) = try target(arguments)
        let isRaw = arguments.flag("raw")
        if isRaw, channel == .email {
            throw CommandError("--raw is for --webhook and --command: mails are text", exit: .usage)
        }
        return SubscriptionRequest(
            topic: arguments.positionals[0], pipeline: arguments.value("pipeline"),
            channel: channel, target: target, filter: try filter(arguments),
            body: isRaw ? .raw : .envelope, delivery: try DeliveryFlags.read(arguments))
    }

    private func filter(_ arguments: Arguments) throws(CommandError) -> FilterPolicy? {
        let scope = arguments.value("filter-scope").flatMap(FilterPolicy.Scope.init(rawValue:))
        guard let given = arguments.value("filter") else {
            guard scope == nil else {
                throw CommandError("--filter-scope is for --filter, which is missing", exit: .usage)
            }
            return nil
        }
        let text = given.hasPrefix("@") ? try read(String(given.dropFirst())) : given
        do throws(FilterMistake) {
            return try FilterPolicy(
                text, scope: scope ?? .attributes, attributes: Subscriptions.attributes)
        } catch {
            let place = given.hasPrefix("@") ? String(given.dropFirst()) : "--filter"
            throw CommandError("\(place): \(error)", exit: .usage)
        }
    }

    private func read(_ path: String) throws(CommandError) -> String {
        do {
            return try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw CommandError(
                "--filter: `\(path)` cannot be read as a text; check that it exists", exit: .usage)
        }
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
        let given = Subscription.Channel.allCases.compactMap { channel in
            arguments.value(channel.rawValue).map { (channel, $0) }
        }
        guard let one = given.first, given.count == 1 else {
            throw CommandError(
                "give one of --email, --webhook and --command", exit: .usage,
                try: "millrace subscribe --help")
        }
        return one
    }
}
