/// Says facts to the rest of the system.
public protocol EventPublisher: Sendable {
    /// Returns when the broker has confirmed every one of `events`.
    ///
    /// - Throws: A `ClassifiedError`; any of the events may then have been said or not, and saying
    ///   them again with the same id does no harm.
    func publish(_ events: [Event]) async throws
}

/// The core of a service: a function from an event to events.
public protocol EventHandler: Sendable {
    /// The events to say once this one is dealt with. The input is acknowledged only after the
    /// broker has confirmed them; a redelivery of the input must do no harm.
    func handle(_ event: Event) async throws -> [Event]

    /// Called when the broker has confirmed the outputs, before the input is acknowledged: the
    /// place to let go of what the input stood for. It may be called again for a redelivery.
    func confirmed(_ event: Event) async throws
}

extension EventHandler {
    public func confirmed(_ event: Event) async throws {}
}
