/// One stream of a Singer tap. Datasets with the same `tap` share its runs and its state.
public struct SingerSource: Codable, Sendable, Equatable {
    /// How the tap is told which streams are wanted.
    public enum Catalog: String, Codable, Sendable, CaseIterable {
        /// It is asked for its catalog, and gets it back with `--catalog`.
        case discover
        /// As before, with `--properties`, for older taps.
        case properties
        /// Not at all.
        case none
    }

    /// The dataset that describes the tap.
    public var tap: String
    public var program: SourceProgram
    /// The content of the file that it gets with `--config`.
    public var config: [String: SettingValue]
    public var catalog: Catalog
    /// The stream's name, as the tap calls it.
    public var stream: String
    /// Added to what the catalog says of the stream, like `replication-method`.
    public var metadata: [String: SettingValue]

    public init(
        tap: String, program: SourceProgram, config: [String: SettingValue] = [:],
        catalog: Catalog = .discover, stream: String, metadata: [String: SettingValue] = [:]
    ) {
        self.tap = tap
        self.program = program
        self.config = config
        self.catalog = catalog
        self.stream = stream
        self.metadata = metadata
    }
}
