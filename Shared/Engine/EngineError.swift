public import Events

/// Why an engine could not do a job. What is wrong with the data is not among it.
public struct EngineError: ClassifiedError {
    /// What kind of obstacle it was.
    public enum Kind: String, Sendable {
        /// The program is missing or of the wrong version.
        case missing
        /// The job's SQL cannot be run: the pipeline's own SELECT is wrong.
        case statement
        /// The job needs more memory or scratch space than it may have.
        case resources
        /// It did not end in time.
        case time
        /// It ended without a result.
        case crashed
        /// An object, or the lake, is not there any more.
        case input
    }

    public let kind: Kind
    public let description: String

    init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }

    public var disposition: Disposition {
        switch kind {
        case .statement: .permanent
        case .missing, .resources, .time, .crashed, .input: .transient
        }
    }

    public var errorClass: String { "engine.\(kind.rawValue)" }
}
