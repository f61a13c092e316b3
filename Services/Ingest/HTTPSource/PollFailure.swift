import Events

/// Why a poll could not go on.
struct PollFailure: ClassifiedError {
    let disposition: Disposition
    let errorClass: String
    /// One sentence without secrets.
    let description: String
    /// The pause that the server asks for.
    let retryAfter: Duration?

    init(
        _ disposition: Disposition, _ errorClass: String, _ description: String,
        retryAfter: Duration? = nil
    ) {
        self.disposition = disposition
        self.errorClass = errorClass
        self.description = description
        self.retryAfter = retryAfter
    }
}
