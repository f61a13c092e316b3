/// How long a pipeline's past is kept in the lake and beside the tables, in seconds. The tables
/// themselves, the ledger and the runs stay; nil is what the services' settings say, or for ever.
public struct Retention: Codable, Sendable, Equatable {
    /// Raw objects in the working zone: what replays read.
    public var raw: Int?
    /// Parquet in the processed zone.
    public var processed: Int?
    /// What was refused, in the quarantine zone.
    public var quarantine: Int?
    /// Rows of `millrace.rejects`.
    public var rejects: Int?

    public init(
        raw: Int? = nil, processed: Int? = nil, quarantine: Int? = nil, rejects: Int? = nil
    ) {
        self.raw = raw
        self.processed = processed
        self.quarantine = quarantine
        self.rejects = rejects
    }
}
