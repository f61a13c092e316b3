import Broker
import Events

extension EventWorker {
    /// The news that a dead letter is one no longer; none for an event that never was one.
    ///
    /// It goes out with what follows from the event, before the acknowledgement: who is killed in
    /// between handles the event again and says the same news again.
    func resolution(of event: Event, through delivery: Delivery) throws -> [Event] {
        guard delivery.replays > 0 else { return [] }
        let letter = delivery.message.id
        let resolved = DeadLetterResolved(
            pipeline: event.pipeline, dataset: event.dataset, service: context.name,
            letter: letter, replays: delivery.replays)
        return [
            try Event(
                resolved, id: "\(letter).\(context.name).resolved.\(delivery.replays)",
                from: context.source, after: event)
        ]
    }
}
