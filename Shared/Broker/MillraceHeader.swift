/// The names of our own headers. None begins with `x-`: those are the broker's, and it counts
/// tries in other ways in each of its versions.
public enum MillraceHeader {
    /// The id of the event that this one follows from.
    static let causation = "millrace-causation-id"
    /// Which try this is, from 1.
    static let attempt = "millrace-attempt"
    /// How often a failure did not count as one of them.
    static let spared = "millrace-spared"
    static let maximumAttempts = "millrace-max-attempts"
    static let firstFailedAt = "millrace-first-failed-at"
    static let lastFailedAt = "millrace-last-failed-at"
    static let errorClass = "millrace-error-class"
    static let errorMessage = "millrace-error-message"
    /// Why it was set aside: `failed`, `permanent`, `poison`, `skipped`.
    static let reason = "millrace-dead-reason"
    static let originQueue = "millrace-origin-queue"
    static let originExchange = "millrace-origin-exchange"
    static let originKey = "millrace-origin-key"
    static let host = "millrace-host"
    static let version = "millrace-version"
    /// How often a person has sent it through again.
    static let replays = "millrace-replay-count"
}
