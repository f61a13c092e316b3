import Events

/// Writes down what alerts say and who wants to know; the dispatcher does the telling.
struct NotifierHandler: EventHandler {
    let table: DeliveryTable
    let dispatcher: Dispatcher

    func handle(_ event: Event) async throws -> [Event] {
        switch event.kind {
        case .alertRaised:
            try await table.accept(Alert(event.payload(AlertRaised.self), id: event.id))
        case .alertResolved:
            try await table.accept(Alert(event.payload(AlertResolved.self), id: event.id))
        default:
            return []
        }
        dispatcher.wake()
        return []
    }
}
