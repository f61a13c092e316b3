import Events
import Lanes
import Service
import Telemetry
import Warehouse

/// Asks subscribers to confirm, and forgets those who never did.
struct Asking: Sendable {
    private let subscriptions: Subscriptions
    /// Nil where no mail server is set.
    private let mail: ChallengeMail?
    private let post: ChallengePost
    private let context: ServiceContext

    init(
        _ subscriptions: Subscriptions, _ mail: ChallengeMail?, _ post: ChallengePost,
        _ context: ServiceContext
    ) {
        self.subscriptions = subscriptions
        self.mail = mail
        self.post = post
        self.context = context
    }

    /// Works until it is cancelled.
    func run() async throws {
        var backoff = Backoff(from: .seconds(1), upTo: .seconds(30))
        while true {
            do {
                try await ask()
                let removed = try await subscriptions.removeUnconfirmed()
                if removed > 0 {
                    context.log.info("subscriptions not confirmed", ["removed": "\(removed)"])
                }
                backoff.reset()
                try await Task.sleep(for: .seconds(1))
            } catch let error as any ClassifiedError {
                context.log.warning("subscribers not asked", ["error": "\(error)"])
                try await Task.sleep(for: backoff.next())
            }
        }
    }

    /// Sends what is due.
    func ask() async throws {
        let due = try await subscriptions.challenges(limit: 16, leaseSeconds: 60)
        try await withThrowingDiscardingTaskGroup { group in
            for challenge in due { group.addTask { try await send(challenge) } }
        }
    }

    private func send(_ challenge: Challenge) async throws {
        let (outcome, isAnswered) = try await outcome(of: challenge)
        let facts = ["subscription.id": challenge.subscription.id]
        count(outcome, challenge)
        switch outcome {
        case .sent:
            try await subscriptions.finish(challenge, error: nil, pause: nil)
            if isAnswered {
                _ = try await subscriptions.confirm(token: challenge.token, by: "answer")
            }
            context.log.info(isAnswered ? "subscription confirmed" : "subscriber asked", facts)
        case .postponed(let reason, _, _):
            let pause = Self.pause(after: challenge.attempt, challenge.subscription.channel)
            try await subscriptions.finish(challenge, error: reason, pause: pause)
            context.log.warning("subscriber not asked", facts.merging(["reason": reason]) { $1 })
        case .refused(let reason, _), .gone(let reason, _):
            try await subscriptions.finish(challenge, error: reason, pause: nil)
            context.log.error("subscriber not asked", facts.merging(["reason": reason]) { $1 })
        }
    }

    private func count(_ outcome: DeliveryOutcome, _ challenge: Challenge) {
        let word =
            switch outcome {
            case .sent: "sent"
            case .postponed: "postponed"
            case .refused, .gone: "failed"
            }
        context.metrics.add(
            to: "millrace_challenges_total",
            ["outcome": word, "channel": challenge.subscription.channel.rawValue],
            help: "Attempts to ask a subscriber to confirm, by how they ended.")
    }

    private func outcome(
        of challenge: Challenge
    ) async throws -> (DeliveryOutcome, isAnswered: Bool) {
        switch challenge.subscription.channel {
        case .email:
            guard let mail else {
                let reason = "no mail server: set MILLRACE_SMTP_URL and MILLRACE_SMTP_FROM"
                return (.postponed(reason: reason, code: nil, pause: nil), false)
            }
            return (try await mail.send(challenge), false)
        case .webhook:
            return try await post.send(challenge)
        case .command:
            return (.refused(reason: "a program is confirmed by its operator", code: nil), false)
        }
    }

    /// Before the next try; nil when there is none. A mail is tried as long as it can be confirmed:
    /// what it lacks is the operator's to mend, while an endpoint that fails is its subscriber's.
    private static func pause(
        after attempt: Int, _ channel: Subscription.Channel
    ) -> Duration? {
        let pauses: [Duration] = [.seconds(15), .seconds(60), .seconds(300), .seconds(1_800)]
        let last = channel == .email ? pauses.last : nil
        return pauses.dropFirst(attempt - 1).first ?? last
    }
}
