import Broker
import Events
import Foundation
import Telemetry
import Warehouse

/// Sends a test alert to whoever is subscribed to a topic.
struct NotifyTest: Command {
    let name = "notify test"
    let summary = "send a test alert to a topic's subscribers"
    let topic = Topic.people
    let options: [Option] = [
        .value("topic", "TOPIC", "e.g. batch_refused; must be given"),
        .value("pipeline", "NAME", "as if it were that pipeline's"),
        .value("timeout", "SECONDS", "how long to wait for all to be told; 150 by default"),
    ]
    let details = """
          millrace notify test --topic batch_refused

        It goes the way of every alert: through the broker, filters and groups, with
        signature and retries. Exits with 1 when somebody could not be told, with 75
        when that is not known in time.
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        guard let topic = arguments.value("topic") else {
            throw CommandError(
                "--topic is missing", exit: .usage, try: "millrace notify test --help")
        }
        guard AlertRaised.topics.contains(topic) else {
            let hint = nearest(to: topic, in: AlertRaised.topics).map { "; did you mean `\($0)`?" }
            throw CommandError("no alert has the topic `\(topic)`\(hint ?? "")", exit: .usage)
        }
        let seconds = try arguments.integer("timeout", default: 150, in: 1...86_400)
        let context = try StackContext(arguments)
        let id = try await raise(topic, arguments, context)
        let deliveries = Deliveries(try context.warehouse())
        let (told, isOver) = try await wait(for: id, deliveries, .seconds(seconds))
        console.records(DeliveryRecords.table(told, for: console.format))
        guard isOver else {
            throw CommandError(
                told.isEmpty
                    ? "nobody is subscribed to \(topic), or the notifier does not run"
                    : "not all were told within \(seconds) seconds", exit: .transient,
                try: "millrace deliveries --alert \(id)\(context.dataFlag)")
        }
        let failed = told.count { $0.state == .failed }
        console.note(
            failed == 0
                ? "\(TimeText.count(told.count, "subscriber")) told"
                : "\(failed) of \(TimeText.count(told.count, "subscriber")) could not be told")
        return failed == 0 ? .done : .failed
    }

    private func raise(
        _ topic: String, _ arguments: Arguments, _ context: StackContext
    ) async throws -> String {
        let id = ULID().description
        let pipeline = arguments.value("pipeline") ?? "_"
        let alert = AlertRaised(
            key: "test:\(id)", topic: topic, severity: .info, pipeline: pipeline, dataset: "_",
            batch: nil, title: "test of \(topic): nothing is wrong",
            detail: "\(Operator.name) wants to see that this arrives.", command: nil)
        try await RabbitPublisher.with(
            try context.broker(), name: "millrace notify test",
            log: Log(service: "notify test", threshold: .error)
        ) { publisher in
            try await publisher.publish([try Event(alert, id: id, from: "/millrace/cli")])
        }
        return id
    }

    /// Those that the alert was told to, and whether all of it is over.
    private func wait(
        for alert: String, _ deliveries: Deliveries, _ patience: Duration
    ) async throws -> (told: [DeliveryRecord], isOver: Bool) {
        var filter = Deliveries.Filter()
        filter.alert = alert
        let clock = ContinuousClock()
        let end = clock.now + patience
        while true {
            let found = try await deliveries.list(filter, limit: 100_000)
            let isOver = !found.isEmpty && !found.contains { $0.state == .pending }
            if isOver || clock.now >= end { return (found, isOver) }
            try await clock.sleep(for: .milliseconds(200))
        }
    }
}
