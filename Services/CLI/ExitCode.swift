/// How `millrace` ended, for scripts.
enum ExitCode: Int32, Sendable, CaseIterable {
    case done = 0
    /// What was asked for was tried and did not work.
    case failed = 1
    /// The command line, a setting or a pipeline is wrong.
    case usage = 2
    /// A check on the data said no.
    case gateFailed = 3
    /// Done, but with warnings, where `--warn-error` asks to tell.
    case warned = 4
    /// Nothing is wrong that waiting may not cure; the same command may work later.
    case transient = 75
    case interrupted = 130

    /// A few words for the help.
    var meaning: String {
        switch self {
        case .done: "done"
        case .failed: "failed"
        case .usage: "wrong command line, settings or pipeline"
        case .gateFailed: "a check on the data failed"
        case .warned: "done, with warnings"
        case .transient: "try again later"
        case .interrupted: "interrupted"
        }
    }
}
