public import Events
import Files

/// Why the spool could not take, keep or give a segment.
public struct SpoolError: ClassifiedError {
    public enum Kind: Sendable, Equatable { case missing, refused, full, unreachable }

    public let kind: Kind
    public let description: String

    /// - Parameter description: One sentence with the path.
    public init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }

    init(_ error: FileError) {
        let kind: Kind =
            if error.isMissing {
                .missing
            } else if error.isFull {
                .full
            } else if error.isRefused {
                .refused
            } else {
                .unreachable
            }
        self.init(kind, "spool: \(error)")
    }

    public var disposition: Disposition {
        switch kind {
        case .missing, .refused: .permanent
        case .full, .unreachable: .transient
        }
    }

    public var errorClass: String { "spool.\(kind)" }
}
