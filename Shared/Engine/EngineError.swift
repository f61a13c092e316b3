public import Events
import Glibc

/// Why an engine could not do a job. What is wrong with the data is not among it.
public struct EngineError: ClassifiedError {
    /// What kind of obstacle it was.
    public enum Kind: String, Sendable {
        /// The program is missing or of the wrong version.
        case missing
        /// The job's SQL cannot be run: the pipeline's own SELECT is wrong.
        case statement
        /// The key for personal data is missing or no good.
        case key
        /// The job needs more memory than it may have.
        case resources
        /// There is no room on the disk for what the job writes.
        case full
        /// It did not end in time.
        case time
        /// It ended without a result.
        case crashed
        /// An object, or the lake, is not there any more.
        case input
    }

    public let kind: Kind
    public let description: String

    public init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }

    public var disposition: Disposition {
        switch kind {
        case .statement, .key: .permanent
        case .missing, .resources, .full, .time, .crashed, .input: .transient
        }
    }

    /// True when it may be the fault of an object: the engine ended on what it was given.
    public var isDeath: Bool { [.crashed, .time, .resources].contains(kind) }

    /// True when a program's words mean that a disk, a quota or a file's size is at its limit.
    static func isOfFullDisk(_ words: String) -> Bool {
        [ENOSPC, EDQUOT, EFBIG].contains { words.contains(String(cString: strerror($0))) }
    }

    public var errorClass: String { "engine.\(kind.rawValue)" }
}
