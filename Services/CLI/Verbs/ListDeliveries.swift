import Warehouse

/// Lists who was told what, and how that went.
struct ListDeliveries: Command {
    let name = "deliveries"
    let summary = "list who was told what, and how that went"
    let topic = Topic.people
    let options: [Option] = [
        .flag("failed", "only those that were given up, and wait to be sent again"),
        .choice("state", DeliveryRecord.State.allCases.map(\.rawValue), "only in that state"),
        .value("subscription", "ID", "only to that one; its first letters do"),
        .value("alert", "ID", "only about that alert"),
        .value("since", "TIME", "only those made since: 2h, 7d, a date or a time"),
        .value("limit", "N", "at most so many; 100 by default"),
    ]
    let details = """
          pending  under way, or waiting for its next try
          sent     the other side has taken it
          failed   out of tries, refused, or its subscription was disabled

        What failed is kept: `deliveries resend` sends it again.
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let context = try StackContext(arguments)
        let limit = try arguments.integer("limit", default: 100, in: 1...100_000)
        var filter = try Self.filter(arguments)
        filter.alert = arguments.value("alert")
        if arguments.flag("failed") { filter.states = [.failed] }
        if let state = arguments.value("state").flatMap(DeliveryRecord.State.init(rawValue:)) {
            filter.states = [state]
        }
        let found = try await Deliveries(context.warehouse()).list(filter, limit: limit)
        console.records(DeliveryRecords.table(found, for: console.format))
        guard console.format == .table else { return .done }
        if let first = found.first {
            console.note(
                "millrace deliveries show \(first.id)\(context.dataFlag) has every attempt")
        } else {
            console.note("no deliveries")
        }
        return .done
    }

    /// What `--subscription` and `--since` say.
    static func filter(_ arguments: Arguments) throws(CommandError) -> Deliveries.Filter {
        var filter = Deliveries.Filter()
        filter.subscription = arguments.value("subscription")
        filter.since = try Since.read(arguments)
        return filter
    }
}

/// Shows one delivery with all attempts at it.
struct ShowDelivery: Command {
    let name = "deliveries show"
    let summary = "show a delivery with every attempt at it"
    let topic = Topic.people
    let positionals = [Positional("DELIVERY")]
    let details = """
        DELIVERY is an id that `deliveries` shows, or its first letters. It is the
        `webhook-id` of a webhook and the first part of a mail's `Message-ID`.
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let context = try StackContext(arguments)
        let deliveries = Deliveries(try context.warehouse())
        let word = arguments.positionals[0]
        let found = try await deliveries.find(word)
        guard let delivery = found.first, found.count == 1 else {
            throw CommandError(
                found.isEmpty
                    ? "there is no delivery `\(word)`"
                    : "`\(word)` begins the ids of several deliveries; write more of it",
                try: "millrace deliveries\(context.dataFlag)")
        }
        let attempts = try await deliveries.attempts(at: delivery.id)
        if console.format == .table {
            show(delivery, console)
        }
        console.records(DeliveryRecords.table(attempts, for: console.format))
        if console.format == .table, delivery.state == .failed {
            console.note("millrace deliveries resend \(delivery.id)\(context.dataFlag)")
        }
        return .done
    }

    private func show(_ delivery: DeliveryRecord, _ console: Console) {
        let state = DeliveryRecords.state(delivery)
        console.line("delivery \(delivery.id)  \(console.paint(state.text, state.style))")
        let next = delivery.nextAttemptAt.map { "\nnext      \(TimeText.stamp($0))" } ?? ""
        console.line(
            """
              about     \(Table.clean(delivery.title)) (\(delivery.topic), \(delivery.alert))
              to        \(Table.clean(delivery.target))
                        subscription \(delivery.subscription)\(next)
            """)
        console.line()
    }
}
