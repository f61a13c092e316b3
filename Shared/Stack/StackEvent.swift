/// What happens to a stack while it starts, runs and stops, for whoever watches.
public enum StackEvent: Codable, Sendable, Equatable {
    /// Processes that a killed supervisor had left were ended.
    case cleared(processes: Int)
    case starting(part: String)
    case ready(part: String, milliseconds: Int)
    /// A part ended by itself, or could not be started, and will be started after a pause.
    case ended(part: String, how: String, pauseMilliseconds: Int)
    /// Everything runs.
    case up(StackAddresses)
    case stopping(part: String)
    /// The stack could not be started; nothing runs any more.
    case failed(message: String, remedy: String?)
}
