import Events
import Lanes
import Service
import Telemetry
import Warehouse

/// Says the alerts that archived letters owe, and that they are over: woken when letters come,
/// and every second to see what else there is.
final class LetterAlerting: Sendable {
    private let table: LetterAlertTable
    private let archive: DeadLetterArchive
    private let context: ServiceContext
    private let calls: AsyncStream<Void>
    private let bell: AsyncStream<Void>.Continuation

    init(_ table: LetterAlertTable, _ archive: DeadLetterArchive, _ context: ServiceContext) {
        self.table = table
        self.archive = archive
        self.context = context
        (calls, bell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// There may be something to say.
    func wake() { bell.yield() }

    /// Works until it is cancelled.
    func run() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask {
                while true {
                    self.wake()
                    try await Task.sleep(for: .seconds(1))
                }
            }
            var backoff = Backoff(from: .seconds(1), upTo: .seconds(15))
            for await _ in calls {
                do {
                    try await say()
                    try await measure()
                    backoff.reset()
                } catch let error as any ClassifiedError {
                    context.log.warning("alerts of dead letters wait", ["error": "\(error)"])
                    try await Task.sleep(for: backoff.next())
                }
            }
        }
    }

    /// Written down first and said then: whoever is killed in between says it again, with the same
    /// id, which changes nothing.
    private func say() async throws {
        try await table.note()
        let owed = try await table.owed()
        guard !owed.isEmpty else { return }
        try await context.publisher.publish(
            try owed.map { try $0.event(from: context.source) })
        try await table.said(owed)
    }

    private func measure() async throws {
        let counts = try await archive.waiting()
        for service in LetterAlertTable.services {
            context.metrics.set(
                "millrace_dead_letters", to: Double(counts[service] ?? 0), ["service": service],
                help: "Dead letters that wait for a person.")
        }
    }
}
