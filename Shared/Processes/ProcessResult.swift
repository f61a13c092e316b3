/// How a child ended, and what it wrote as far as it was captured.
public struct ProcessResult: Sendable, Equatable {
    /// The way a process ends.
    public enum Ending: Sendable, Equatable, CustomStringConvertible {
        case exited(Int32)
        case killed(signal: Int32)

        public var description: String {
            switch self {
            case .exited(let code): "exit code \(code)"
            case .killed(let signal): "killed by signal \(signal)"
            }
        }
    }

    public let ending: Ending
    /// The captured standard output.
    public let output: [UInt8]
    /// The captured standard error.
    public let errorOutput: [UInt8]
    /// True when some of the output was beyond the limit and is not here.
    public let isOutputCut: Bool
    /// True when the time limit was the reason to stop it.
    public let isOverTime: Bool

    /// True for exit code 0.
    public var isSuccess: Bool { ending == .exited(0) }
    /// The captured standard output; bytes that are not UTF-8 are replaced.
    public var text: String { String(decoding: output, as: UTF8.self) }
    /// The captured standard error; bytes that are not UTF-8 are replaced.
    public var errorText: String { String(decoding: errorOutput, as: UTF8.self) }
}
