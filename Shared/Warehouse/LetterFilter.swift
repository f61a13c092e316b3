public import Foundation

/// Which dead letters are meant; all that are not said otherwise.
public struct LetterFilter: Sendable {
    /// Their ids, whole; nil for any.
    public var ids: [String]?
    public var service: String?
    public var errorClass: String?
    public var pipeline: String?
    public var dataset: String?
    /// Those that failed last at that time or later.
    public var since: Date?
    public var states: [KeptLetter.State]

    public init(
        ids: [String]? = nil, service: String? = nil, errorClass: String? = nil,
        pipeline: String? = nil, dataset: String? = nil, since: Date? = nil,
        states: [KeptLetter.State] = [.waiting]
    ) {
        self.ids = ids
        self.service = service
        self.errorClass = errorClass
        self.pipeline = pipeline
        self.dataset = dataset
        self.since = since
        self.states = states
    }

    /// Uses `$1` to `$7`.
    static let condition = """
        ($1::jsonb is null or letter_id in (select jsonb_array_elements_text($1::jsonb)))
            and ($2::text is null or service = $2) and ($3::text is null or error_class = $3)
            and ($4::text is null or pipeline = $4) and ($5::text is null or dataset = $5)
            and ($6::double precision is null or last_failed_at >= to_timestamp($6))
            and (state in (select jsonb_array_elements_text($7::jsonb))
                or $7::jsonb ? 'waiting' and state = 'replaying' and \(isAbandoned))
        """

    /// Taken in hand by a call that was killed before the broker had the letter: it waits again.
    static let isAbandoned = "sent_at is null and claimed_at < now() - interval '1 minute'"

    var parameters: [String?] {
        get throws {
            [
                try ids.map { try json($0) }, service, errorClass, pipeline, dataset,
                since.map { "\($0.timeIntervalSince1970)" }, try json(states.map(\.rawValue)),
            ]
        }
    }
}
