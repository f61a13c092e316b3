public import Events

/// Which rejects are meant; all that are not said otherwise.
public struct RejectFilter: Sendable, Equatable {
    public var ids: [Int]?
    public var pipeline: String?
    public var dataset: String?
    public var batch: ULID?
    public var stage: String?
    public var reason: String?
    public var state: Reject.State?

    public init(
        ids: [Int]? = nil, pipeline: String? = nil, dataset: String? = nil, batch: ULID? = nil,
        stage: String? = nil, reason: String? = nil, state: Reject.State? = nil
    ) {
        self.ids = ids
        self.pipeline = pipeline
        self.dataset = dataset
        self.batch = batch
        self.stage = stage
        self.reason = reason
        self.state = state
    }

    /// Uses `$1` to `$7`.
    static let condition = """
        ($1::jsonb is null or reject_id in (
                select jsonb_array_elements_text($1::jsonb)::bigint))
            and ($2::text is null or pipeline = $2) and ($3::text is null or dataset = $3)
            and ($4::text is null or batch = $4) and ($5::text is null or stage = $5)
            and ($6::text is null or reason = $6) and ($7::text is null or state = $7)
        """

    var parameters: [String?] {
        get throws {
            [
                try ids.map { try json($0) }, pipeline, dataset, batch?.description, stage, reason,
                state?.rawValue,
            ]
        }
    }
}
