import Foundation

/// The option `--since`.
enum Since {
    static func read(_ arguments: Arguments) throws(CommandError) -> Date? {
        guard let text = arguments.value("since") else { return nil }
        guard let date = TimeText.since(text) else {
            throw CommandError(
                "--since is `\(text)`; write 30m, 2h, 7d, a date, or a time with its zone",
                exit: .usage)
        }
        return date
    }
}
