import Foundation

/// A service's log line, made readable for people.
public enum LogLine {
    /// The line as text: `12:30:01.250 warning loader message key=value`. What is not one of our
    /// JSON lines stays as it is.
    /// - Parameter isColoured: With terminal colours, one for each service.
    public static func text(_ line: [UInt8], isColoured: Bool = false) -> String {
        let plain = harmless(
            String(decoding: line, as: UTF8.self).trimmingCharacters(in: .newlines))
        guard line.first == UInt8(ascii: "{"), let fields = fields(line),
            let time = fields["time"], let level = fields["level"],
            let service = fields["service"], let message = fields["message"]
        else { return plain }
        let facts = fields.filter { !fixed.contains($0.key) }.sorted { $0.key < $1.key }
            .map { "\($0.key)=\(quoted($0.value))" }.joined(separator: " ")
        let clock = String(time.dropFirst(11).prefix(12))
        let name = service.padding(toLength: 11, withPad: " ", startingAt: 0)
        guard isColoured else {
            return [clock, level, name, message, facts].joined(separator: " ")
        }
        return [
            paint(clock, "2"), paint(level, colours[level] ?? "0"),
            paint(name, colour(of: service)),
            message, paint(facts, "2"),
        ].joined(separator: " ")
    }

    private static let fixed: Set = ["time", "level", "service", "message"]
    private static let colours = [
        "debug": "2", "info": "32", "warning": "33", "error": "31",
    ]

    private static func fields(_ line: [UInt8]) -> [String: String]? {
        // What does not decode is no line of ours and is shown as it came.
        try? JSONDecoder().decode([String: String].self, from: Data(line))
    }

    private static func colour(of service: String) -> String {
        let palette = ["36", "35", "34", "33", "32", "96"]
        let index = StackPart.services.firstIndex { $0.rawValue == service }
        return index.map { palette[$0 % palette.count] } ?? "1"
    }

    private static func paint(_ text: String, _ code: String) -> String {
        "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }

    /// Without control characters, which would steer a terminal.
    private static func harmless(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.properties.generalCategory == .control ? "·" : $0 }))
    }

    private static func quoted(_ value: String) -> String {
        let oneLine = harmless(value.replacing("\n", with: "\\n"))
        return oneLine.contains(" ") ? "\"\(oneLine)\"" : oneLine
    }
}
