import Foundation
import Glibc

/// Asks before something is done that many may rue. A number is typed more thoughtfully than `y`.
enum Confirmation {
    /// - Parameter doing: What is to be done, e.g. `drop 3 letters`.
    /// - Throws: `CommandError` without a terminal, and for any other answer.
    static func ask(
        _ count: Int, to doing: String, _ arguments: Arguments, _ console: Console
    ) throws(CommandError) {
        if arguments.flag("yes") { return }
        guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else {
            throw CommandError("it asks, and there is no terminal; --yes says it", exit: .usage)
        }
        console.note("type \(count) to \(doing):")
        guard let answer = readLine(), answer.filter(\.isNumber) == "\(count)" else {
            throw CommandError("nothing was done", exit: .failed)
        }
    }
}
