import Events
import Foundation
import Warehouse

/// The options of how a subscription is delivered to, for the verbs that take them.
enum DeliveryFlags {
    static let options: [Option] = [
        .value("retries", "JSON", "SNS's healthyRetryPolicy: {\"numRetries\": 5, …}"),
        .value("throttle", "N/s|N/m", "at most so many attempts a second or minute"),
        .value(
            "allow-private", "CIDR", "network inside that its webhook may reach",
            isRepeatable: true),
        .choice(
            "adapter", ["own", "text", "slack", "teams"],
            "what its webhook's other side understands"),
        .value(
            "template", "FILE", "JSON: contentType, headers, body with {{text}}, …",
            completion: .files),
    ]

    /// What the flags say; nothing where there are none.
    ///
    /// - Throws: `CommandError` (usage) with the key and its bounds.
    static func read(_ arguments: Arguments) throws -> DeliveryOptions {
        var options = DeliveryOptions()
        do {
            if let text = arguments.value("retries") {
                options.policy = try DeliveryPolicy(json: #"{"healthyRetryPolicy": \#(text)}"#)
            }
        } catch let error as HandlingError {
            throw CommandError(
                "--retries: \(error.description)", exit: .usage,
                try: "millrace subscriptions set --help")
        }
        if let text = arguments.value("throttle") {
            guard let throttle = DeliveryPolicy.Throttle(text) else {
                throw CommandError(
                    "--throttle is `\(text)`; write 10/s or 30/m", exit: .usage)
            }
            options.policy = options.policy ?? DeliveryPolicy()
            options.policy?.throttle = throttle
        }
        options.adapter = try adapter(arguments)
        let networks = arguments.values("allow-private")
        if !networks.isEmpty { options.allowed = networks }
        if let mistake = options.mistake {
            throw CommandError("--allow-private: \(mistake.description)", exit: .usage)
        }
        return options
    }
}

extension DeliveryFlags {
    private static func adapter(_ arguments: Arguments) throws -> WebhookAdapter? {
        let name = arguments.value("adapter")
        guard let path = arguments.value("template") else {
            return try name.map { try WebhookAdapter($0 == "own" ? nil : $0, template: nil) }
        }
        guard name == nil else {
            throw CommandError("give --adapter or --template, not both", exit: .usage)
        }
        do {
            return .template(
                try WebhookTemplate(json: String(contentsOfFile: path, encoding: .utf8)))
        } catch let error as HandlingError {
            throw CommandError("\(path): \(error.description)", exit: .usage)
        } catch {
            throw CommandError(
                "--template: `\(path)` cannot be read as a text; check that it exists",
                exit: .usage)
        }
    }
}

/// Changes how a subscription is delivered to.
struct SetSubscription: Command {
    let name = "subscriptions set"
    let summary = "change how someone is told: retries, throttle"
    let topic = Topic.people
    let positionals = [Positional("SUBSCRIPTION")]
    let options: [Option] =
        DeliveryFlags.options + [
            .flag("default", "the notifier's own retries, no throttle, no network inside")
        ]
    let details = """
        Retries are four phases, in SNS's words (seconds; what is left out is as here):

          {"numRetries": 2, "numNoDelayRetries": 0, "numMinDelayRetries": 0,
           "numMaxDelayRetries": 0, "minDelayTarget": 15, "maxDelayTarget": 60,
           "backoffFunction": "linear"}

        At once, then at the least delay, then growing (linear, arithmetic, geometric,
        exponential), then at the longest. At most 100 retries in 3600 seconds. A
        pause that an endpoint asks for (Retry-After) counts up to maxDelayTarget.
        Retries and throttle are set together: what is left out is the default.

        A template is any HTTP gateway's own body, e.g. for text messages:

          {"contentType": "application/json",
           "headers": {"Authorization": "Bearer {{secret:SMS}}"},
           "body": "{\\"to\\": \\"+15550100\\", \\"text\\": \\"{{text}}\\"}"}

        Places, escaped for JSON or a form:
        \(WrappedList.text(WebhookTemplate.Name.allCases.map(\.rawValue)))
        {{secret:SMS}} is MILLRACE_WEBHOOK_SECRET_SMS of the
        notifier, in headers only.
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        var options = try DeliveryFlags.read(arguments)
        if arguments.flag("default") {
            options.policy = options.policy ?? DeliveryPolicy()
            options.allowed = options.allowed ?? []
        }
        guard !options.isEmpty else {
            throw CommandError(
                "say what to change", exit: .usage, try: "millrace subscriptions set --help")
        }
        let id = arguments.positionals[0]
        let change = options
        try await SubscriptionChange(arguments, name).perform(id) {
            try await $0.set(change, of: id)
        }
        console.note("\(id) is changed")
        return .done
    }
}

/// Sets a disabled subscription going again.
struct EnableSubscription: Command {
    let name = "subscriptions enable"
    let summary = "tell someone again whose endpoint had failed"
    let topic = Topic.people
    let positionals = [Positional("SUBSCRIPTION")]
    let details = """
        A subscription is disabled when every attempt has failed for five days, or when
        its endpoint answers 410; an alert of topic subscription_disabled says so.
        `deliveries recover` sends what was missed.
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let id = arguments.positionals[0]
        let change = try SubscriptionChange(arguments, name)
        try await change.perform(id) { try await $0.enable(id) }
        console.note(
            "\(id) is told again; millrace deliveries recover \(id) --since TIME"
                + "\(change.context.dataFlag) sends what it missed")
        return .done
    }
}

/// Gives a webhook a new secret.
struct RotateSubscription: Command {
    let name = "subscriptions rotate"
    let summary = "give a webhook a new secret; both sign for a day"
    let topic = Topic.people
    let positionals = [Positional("SUBSCRIPTION")]
    let details = """
        For 24 hours every webhook carries a signature of each secret, so that the
        receiver can change over in its own time. The new one is shown only now.
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let id = arguments.positionals[0]
        var secret: String?
        try await SubscriptionChange(arguments, name).perform(id) { subscriptions in
            secret = try await subscriptions.rotate(id)
            return secret != nil
        }
        var table = Table(.init("subscription", isWhole: true), .init("secret", isWhole: true))
        table.add([Cell(id.uppercased()), Cell(secret)])
        console.records(table)
        return .done
    }
}

/// A change by hand, written down in the audit.
private struct SubscriptionChange {
    let context: StackContext
    private let arguments: Arguments
    private let verb: String

    init(_ arguments: Arguments, _ verb: String) throws {
        context = try StackContext(arguments)
        self.arguments = arguments
        self.verb = verb
    }

    /// - Parameter body: False where the subscription is not there.
    func perform(
        _ id: String, _ body: (Subscriptions) async throws -> Bool
    ) async throws {
        let pool = try context.warehouse()
        let audit = Audit(pool)
        let entry = try await audit.begin(
            who: Operator.name, verb: verb, arguments: arguments.words, selected: 1)
        let isDone = try await body(Subscriptions(pool))
        try await audit.end(entry, done: isDone ? 1 : 0, outcome: isDone ? "changed" : "not found")
        guard isDone else {
            throw CommandError(
                "there is no such subscription `\(id)`",
                try: "millrace subscriptions\(context.dataFlag)")
        }
    }
}
