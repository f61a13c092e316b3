/// A program to run: what, with what, and within which limits.
public struct Command: Sendable {
    /// Where the child's standard input comes from.
    public enum Input: Sendable, Equatable {
        /// Ends at once.
        case null
        case inherit
        case file(String)
        /// A descriptor of this process, which stays open and stays the caller's.
        case descriptor(Int32)
        /// A pipe whose other end `ChildProcess.takeInput()` gives.
        case pipe
    }

    /// Where the child's standard output or standard error goes.
    public enum Output: Sendable, Equatable {
        case null
        case inherit
        /// Appended to; made if it is not there.
        case file(String)
        /// A descriptor of this process, which stays open and stays the caller's.
        case descriptor(Int32)
        /// A pipe whose other end `takeOutput()` or `takeErrorOutput()` gives.
        case pipe
        /// Kept in memory up to a limit; what is beyond it is read and forgotten.
        case capture(Kept, limitBytes: Int)
    }

    /// Which part of too long an output is kept.
    public enum Kept: Sendable, Equatable { case first, last }

    /// What the kernel may be asked to send to a child whose parent is gone.
    public enum OrphanSignal: String, Sendable { case kill, term, int }

    /// A path, or a name to look up in `PATH`.
    public var executable: String
    public var arguments: [String]
    /// The child's whole environment; nil for this process's.
    public var environment: [String: String]?
    /// Nil for this process's.
    public var directory: String?
    public var input: Input
    public var output: Output
    public var errorOutput: Output
    /// After it the child is stopped and the result says so; nil for none.
    public var timeLimit: Duration?
    /// How long a child has from SIGTERM to SIGKILL.
    public var stopGrace: Duration
    /// The signal that the kernel sends to the child when this process is gone, however it went;
    /// nil lets the child live on.
    public var orphanSignal: OrphanSignal?

    /// - Parameter orphanSignal: `kill` by default: no child is left behind.
    public init(
        _ executable: String, _ arguments: [String] = [], environment: [String: String]? = nil,
        directory: String? = nil, input: Input = .null,
        output: Output = .capture(.first, limitBytes: 16 << 20),
        errorOutput: Output = .capture(.last, limitBytes: 64 << 10),
        timeLimit: Duration? = nil, stopGrace: Duration = .seconds(5),
        orphanSignal: OrphanSignal? = .kill
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
        self.input = input
        self.output = output
        self.errorOutput = errorOutput
        self.timeLimit = timeLimit
        self.stopGrace = stopGrace
        self.orphanSignal = orphanSignal
    }
}
