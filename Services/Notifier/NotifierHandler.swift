import Events
import Warehouse

/// Writes down what alerts say and who wants to know, and which dead letters are none any more; the
/// dispatcher and the alerting do the telling.
struct NotifierHandler: EventHandler {
    let table: AlertTable
    let dispatcher: Dispatcher
    let archive: DeadLetterArchive
    let alerts: LetterAlerting

    func handle(_ event: Event) async throws -> [Event] {
        switch event.kind {
        case .alertRaised:
            try await table.accept(Alert(event.payload(AlertRaised.self), id: event.id))
        case .alertResolved:
            try await table.accept(Alert(event.payload(AlertResolved.self), id: event.id))
        case .deadLetterResolved:
            let resolved: DeadLetterResolved = try event.payload()
            try await archive.resolve(
                service: resolved.service, letter: resolved.letter, replays: resolved.replays)
            alerts.wake()
            return []
        default:
            return []
        }
        dispatcher.wake()
        return []
    }
}
