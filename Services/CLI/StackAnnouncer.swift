import Foundation
import Stack
import Synchronization

/// Tells what happens to a stack: to a person on the terminal, or as JSON lines to the process that
/// waits for the background half of `up --detach`.
final class StackAnnouncer: Sendable {
    private let console: Console
    private let dataFlag: String
    private let isBackground: Bool
    private let isUp = Mutex(false)
    private let begin = ContinuousClock.now

    init(_ console: Console, dataFlag: String, isBackground: Bool) {
        self.console = console
        self.dataFlag = dataFlag
        self.isBackground = isBackground
    }

    /// One event of the stack.
    func tell(_ event: StackEvent) {
        if isBackground { tellParent(event) }
        if let text = text(of: event) { console.note(text) }
        if case .up(let addresses) = event, !isBackground { welcome(addresses) }
    }

    /// One log line of a service.
    func write(_ line: [UInt8]) {
        // In the background it is in the service's own log file already.
        if isBackground { return }
        let raw = String(decoding: line, as: UTF8.self)
        console.text(
            console.format == .json
                ? raw : LogLine.text(line, isColoured: console.hasColour) + "\n")
    }

    /// What to type once the stack is up.
    func welcome(_ addresses: StackAddresses) {
        let seconds = String(format: "%.1f", (ContinuousClock.now - begin) / .seconds(1))
        console.note(
            """
            \(console.paint("up", .good, on: .errors)) in \(seconds) s
              broker     \(addresses.brokerURL)
              warehouse  \(addresses.warehouseURL)
              inbox      \(addresses.inbox)
              next:      millrace apply compose/pipelines/goodreads\(dataFlag)
                         millrace status\(dataFlag)
                         millrace down\(dataFlag)
            """)
    }

    /// The event as a line for a person; nil where there is nothing to say.
    func text(of event: StackEvent) -> String? {
        switch event {
        case .cleared(let count):
            "ended \(count) processes that a killed stack had left"
        case .starting(let part):
            console.isInteractive ? nil : "starting \(part)"
        case .ready(let part, let milliseconds):
            "\(part.padding(toLength: 12, withPad: " ", startingAt: 0)) "
                + console.paint("ready", .good, on: .errors)
                + console.paint(
                    String(format: "  %.1f s", Double(milliseconds) / 1_000), .dim, on: .errors)
        case .ended(let part, let how, let pause):
            "\(part) \(console.paint("ended", .bad, on: .errors)): \(how); "
                + "starting it again in \(pause) ms"
        case .stopping(let part):
            "stopping \(part)"
        case .up, .failed:
            nil
        }
    }

    private func tellParent(_ event: StackEvent) {
        // The parent leaves once the stack is up; nobody reads the pipe after that.
        let isParentThere = isUp.withLock { isUp in
            defer { if case .up = event { isUp = true } }
            return !isUp
        }
        guard isParentThere else { return }
        do {
            let line = try JSONEncoder().encode(event) + Data("\n".utf8)
            try FileHandle.standardOutput.write(contentsOf: line)
        } catch {
            console.note("the waiting process has gone: \(error)")
        }
    }
}
