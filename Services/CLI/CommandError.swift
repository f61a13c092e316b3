/// Why a verb could not do its work, and the one command that helps.
struct CommandError: Error, CustomStringConvertible {
    let message: String
    let exit: ExitCode
    /// A command that can be typed as it stands.
    let remedy: String?

    init(_ message: String, exit: ExitCode = .failed, try remedy: String? = nil) {
        self.message = message
        self.exit = exit
        self.remedy = remedy
    }

    var description: String { message }
}
