import Glibc

/// Why a program could not be started.
public struct ProcessError: Error, Sendable, CustomStringConvertible {
    /// What kind of obstacle it was.
    public enum Kind: Sendable, Equatable {
        /// The program, its folder or a file for it is not there, or may not be used.
        case unusable
        /// The system is short of processes, memory or descriptors: it may work later.
        case exhausted
    }

    public let kind: Kind
    public let description: String

    init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }

    init(errorNumber: Int32, doing what: String) {
        let short = [EAGAIN, ENOMEM, EMFILE, ENFILE]
        kind = short.contains(errorNumber) ? .exhausted : .unusable
        description = "\(what): \(String(cString: strerror(errorNumber)))"
    }
}
