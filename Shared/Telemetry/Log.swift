import Foundation
import Glibc
import Synchronization

/// Structured log lines on standard error: JSON, or coloured text on a terminal.
///
/// A message is a few constant lower-case words; the facts are in the metadata, under dotted keys.
/// `error` means that a person should look.
public struct Log: Sendable {
    /// How much a line matters.
    public enum Level: Int, Sendable, CaseIterable, Comparable {
        case debug, info, warning, error

        /// The word in the line and in `MILLRACE_LOG_LEVEL`.
        public var name: String {
            switch self {
            case .debug: "debug"
            case .info: "info"
            case .warning: "warning"
            case .error: "error"
            }
        }

        public static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
    }

    /// How lines look.
    public enum Form: String, Sendable, CaseIterable {
        case json, text
    }

    /// Facts that every line written inside `$context.withValue(…)` carries, e.g. the event's id.
    @TaskLocal public static var context: [String: String] = [:]

    private let service: String
    private let threshold: Level
    private let form: Form
    private let isColoured: Bool
    private let write: @Sendable (String) -> Void

    /// - Parameters:
    ///   - service: Who writes.
    ///   - threshold: Lines below it are not written.
    ///   - form: nil means text on a terminal, else JSON.
    ///   - write: Where whole lines go; standard error by default.
    public init(
        service: String, threshold: Level = .info, form: Form? = nil,
        write: (@Sendable (String) -> Void)? = nil
    ) {
        let isTerminal = isatty(STDERR_FILENO) == 1
        self.service = service
        self.threshold = threshold
        self.form = form ?? (isTerminal ? .text : .json)
        isColoured = isTerminal && getenv("NO_COLOR") == nil
        self.write = write ?? Self.writeToStandardError
    }

    public func debug(_ message: String, _ facts: [String: String] = [:]) {
        line(.debug, message, facts)
    }

    public func info(_ message: String, _ facts: [String: String] = [:]) {
        line(.info, message, facts)
    }

    public func warning(_ message: String, _ facts: [String: String] = [:]) {
        line(.warning, message, facts)
    }

    public func error(_ message: String, _ facts: [String: String] = [:]) {
        line(.error, message, facts)
    }

    private func line(_ level: Level, _ message: String, _ facts: [String: String]) {
        guard level >= threshold else { return }
        let all = Self.context.merging(facts) { _, own in own }
        let time = Date().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        switch form {
        case .json: write(json(time, level, message, all))
        case .text: write(text(time, level, message, all))
        }
    }

    private func json(
        _ time: String, _ level: Level, _ message: String, _ facts: [String: String]
    ) -> String {
        let fixed = [
            ("time", time), ("level", level.name), ("service", service), ("message", message),
        ]
        let sorted = facts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        let members = (fixed + sorted).map { "\(JSONString.quoted($0)):\(JSONString.quoted($1))" }
        return "{\(members.joined(separator: ","))}\n"
    }

    private func text(
        _ time: String, _ level: Level, _ message: String, _ facts: [String: String]
    ) -> String {
        let clock = time.dropFirst(11).dropLast()
        let pairs = facts.sorted { $0.key < $1.key }.map { "\($0.key)=\(Self.oneLine($0.value))" }
        let tail = pairs.joined(separator: " ")
        guard isColoured else {
            return "\(clock) \(level.name) \(service) \(message) \(tail)\n"
        }
        let colour =
            switch level {
            case .debug: "2"
            case .info: "32"
            case .warning: "33"
            case .error: "31"
            }
        return "\u{1B}[2m\(clock)\u{1B}[0m \u{1B}[\(colour)m\(level.name)\u{1B}[0m "
            + "\(service) \(message) \u{1B}[2m\(tail)\u{1B}[0m\n"
    }

    private static func oneLine(_ value: String) -> String {
        value.contains(where: { $0 == " " || $0.isNewline }) ? JSONString.quoted(value) : value
    }

    // One lock for the process, so that lines of two tasks do not mix when a write is cut short.
    private static let lock = Mutex(())

    private static func writeToStandardError(_ line: String) {
        var bytes = Array(line.utf8)[...]
        lock.withLock { _ in
            while !bytes.isEmpty {
                let written = bytes.withUnsafeBytes {
                    Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count)
                }
                if written < 0 && errno == EINTR { continue }
                // Nobody reads the log any more; there is no better place to say so.
                guard written > 0 else { return }
                bytes = bytes.dropFirst(written)
            }
        }
    }
}
