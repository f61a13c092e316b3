import Foundation
import Glibc

/// Which form a verb's answer takes.
enum OutputFormat: String, CaseIterable, Sendable { case table, json, csv }

/// When to use colour.
enum ColorChoice: String, CaseIterable, Sendable { case auto, always, never }

/// Where a verb's answer, its progress and its errors go.
///
/// Answers go to standard output, the rest to standard error, so that a pipe gets answers only.
struct Console: Sendable {
    /// A stream of the process.
    enum Stream: Sendable { case output, errors }

    /// What `--format` says.
    let format: OutputFormat
    /// How many columns a table may take.
    let width: Int
    /// Whether progress can be seen and overwritten.
    let isInteractive: Bool
    private let colours: [Stream: Bool]
    private let write: @Sendable (Stream, String) -> Void

    /// - Parameters:
    ///   - arguments: Nil before they are read.
    ///   - write: Where text goes; the process's own streams by default.
    init(
        _ arguments: Arguments? = nil, environment: [String: String],
        write: (@Sendable (Stream, String) -> Void)? = nil
    ) {
        let format = arguments.flatMap { $0.value("format") }
        self.format = format.flatMap(OutputFormat.init(rawValue:)) ?? .table
        let choice = arguments.flatMap { $0.value("color") }.flatMap(ColorChoice.init(rawValue:))
        let isPlain = !(environment["NO_COLOR"] ?? "").isEmpty || environment["TERM"] == "dumb"
        func isColoured(_ descriptor: Int32) -> Bool {
            switch choice ?? .auto {
            case .always: true
            case .never: false
            case .auto: isatty(descriptor) == 1 && !isPlain
            }
        }
        colours = [.output: isColoured(STDOUT_FILENO), .errors: isColoured(STDERR_FILENO)]
        // Off a terminal nothing is cut: a program or a log reads it.
        width = Self.terminalWidth() ?? environment["COLUMNS"].flatMap(Int.init) ?? 100_000
        isInteractive = isatty(STDERR_FILENO) == 1 && environment["TERM"] != "dumb"
        self.write = write ?? Self.writeToProcessStreams
    }

    /// Writes text as it is to standard output.
    func text(_ text: String) { write(.output, text) }

    /// Writes one line to standard output.
    func line(_ text: String = "") { write(.output, text + "\n") }

    /// Writes records in the form that `--format` asks for.
    func records(_ table: Table) {
        switch format {
        case .table: text(table.text(width: width, style: { paint($0, $1) }))
        case .json: text(table.json())
        case .csv: text(table.csv())
        }
    }

    /// Writes a line to standard error: what a person wants to know and a script does not.
    func note(_ text: String) { write(.errors, erase + text + "\n") }

    /// Replaces the last line of a terminal; nothing elsewhere.
    func progress(_ text: String) {
        if isInteractive { write(.errors, erase + String(text.prefix(width - 1))) }
    }

    /// Takes the progress line away.
    func endProgress() {
        if isInteractive { write(.errors, erase) }
    }

    /// Writes an error and the one command that helps.
    func error(_ message: String, try remedy: String?) {
        note("\(paint("error", .bad, on: .errors)): \(Table.clean(message, keepsLines: true))")
        if let remedy { note("  try:  \(remedy)") }
    }

    /// True when standard output takes colours.
    var hasColour: Bool { colours[.output] == true }

    /// The text in a style's colour, where the stream takes colours.
    func paint(_ text: String, _ style: Style, on stream: Stream = .output) -> String {
        guard colours[stream] == true, let code = style.code else { return text }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }

    private var erase: String { isInteractive ? "\r\u{1B}[K" : "" }

    private static func terminalWidth() -> Int? {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return nil
        }
        return Int(size.ws_col)
    }

    private static func writeToProcessStreams(_ stream: Stream, _ text: String) {
        let handle = stream == .output ? FileHandle.standardOutput : FileHandle.standardError
        do {
            try handle.write(contentsOf: Data(text.utf8))
        } catch {
            // The reader of our output has gone (`| head`): there is nobody left to tell.
            exit(ExitCode.failed.rawValue)
        }
    }
}

/// What a word means, shown as a colour.
enum Style: Sendable {
    case plain, good, warned, bad, dim, strong

    fileprivate var code: String? {
        switch self {
        case .plain: nil
        case .good: "32"
        case .warned: "33"
        case .bad: "31"
        case .dim: "2"
        case .strong: "1"
        }
    }
}
