/// What a service's runtime does with an event whose handling failed.
public enum Disposition: Sendable, Equatable {
    /// The same may succeed later: retry after a delay.
    case transient
    /// The other side asked for a pause of that length.
    case throttled(Duration)
    /// It will fail again in the same way: dead letter at once.
    case permanent
    /// The event itself cannot be read: dead letter at once.
    case poison
}

/// An error that knows what should become of the event that met it.
///
/// The runtime asks nothing else. An error of another type counts as transient.
public protocol ClassifiedError: Error, CustomStringConvertible {
    /// What the runtime does with the event.
    var disposition: Disposition { get }
    /// A short constant name for grouping dead letters, e.g. `warehouse.unreachable`.
    var errorClass: String { get }
}

/// Why a service could not handle an event, where no library has a better word for it.
public struct HandlingError: ClassifiedError {
    public let disposition: Disposition
    public let errorClass: String
    public let description: String

    /// - Parameters:
    ///   - errorClass: `<part>.<what>`, constant, lower case.
    ///   - description: One sentence for a person, with the fix, without secrets.
    public init(_ disposition: Disposition, _ errorClass: String, _ description: String) {
        self.disposition = disposition
        self.errorClass = errorClass
        self.description = description
    }
}
