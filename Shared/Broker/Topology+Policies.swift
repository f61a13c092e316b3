extension Topology {
    static func policies(_ services: [ServiceQueues], _ levels: [DelayLevel]) -> [Policy] {
        [exchanges, dead, strays, lease] + services.map(work) + levels.map(delay)
    }

    /// A message that the broker itself sends on, after a delay or as a dead letter, has no
    /// publisher to complain to: without a target it is kept in `millrace.unrouted`.
    ///
    /// `millrace.events` has no such net on purpose. Whoever says an event is told when nobody is
    /// bound, and takes that as an error where a service of ours should be (the input then stays
    /// unacknowledged); news for outsiders (`delivery.*`) must not pile up in a queue.
    private static let exchanges = Policy(
        name: "millrace.exchanges", pattern: #"^millrace\.(direct|dlx)$"#, target: .exchanges,
        definition: ["alternate-exchange": .text(unrouted)])

    /// Looking at a dead letter counts as a delivery, so the limit is far away. It is not -1,
    /// which RabbitMQ 3 takes for 0.
    private static let dead = Policy(
        name: "millrace.dead", pattern: #"^millrace\..*\.dead$"#, target: .queues,
        definition: bounded(gibibytes: 2).merging(["delivery-limit": .number(1_000_000)]) { $1 })

    private static let strays = Policy(
        name: unrouted, pattern: #"^millrace\.unrouted$"#, target: .queues,
        definition: bounded(gibibytes: 1))

    /// Holds one token, and for a moment those of hosts that have come up.
    private static let lease = Policy(
        name: schedule, pattern: exactly(schedule), target: .queues,
        definition: [
            "overflow": .text("drop-head"), "max-length": .number(1_000),
            "delivery-limit": .number(1_000_000),
        ])

    /// The delivery limit is a backstop against a message that kills its service: a crash charges
    /// every message in hand, the guilty and the others, so it must be well above our three tries.
    private static func work(of service: ServiceQueues) -> Policy {
        Policy(
            name: service.work, pattern: exactly(service.work), target: .queues,
            definition: bounded(gibibytes: 2).merging([
                "delivery-limit": .number(10),
                "dead-letter-exchange": .text(deadLetters),
                "dead-letter-routing-key": .text(service.work),
                "dead-letter-strategy": .text("at-least-once"),
            ]) { $1 })
    }

    /// No routing key for the way on: the message's own is the queue it goes back to.
    private static func delay(_ level: DelayLevel) -> Policy {
        Policy(
            name: level.name, pattern: exactly(level.name), target: .queues,
            definition: bounded(gibibytes: 1).merging([
                "message-ttl": .number(level.seconds * 1000),
                "dead-letter-exchange": .text(direct),
                "dead-letter-strategy": .text("at-least-once"),
            ]) { $1 })
    }

    /// A full queue refuses, so that the publisher knows; at-least-once dead-lettering needs it.
    private static func bounded(gibibytes: Int) -> [String: FieldValue] {
        [
            "overflow": .text("reject-publish"),
            "max-length-bytes": .number(gibibytes << 30),
        ]
    }

    /// A regular expression that matches this name alone.
    static func exactly(_ name: String) -> String {
        "^\(name.replacing(".", with: #"\."#))$"
    }
}
