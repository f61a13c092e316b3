import Events
import Foundation

/// How long each step of a run took, as bars that hang where the one before ended.
struct Waterfall {
    private let steps: [(step: Step, start: Date, end: Date)]

    init(_ times: StepTimes) {
        let known = Step.allCases.compactMap { step in times[step].map { (step, $0) } }
        steps = zip(known, known.dropFirst()).map { before, after in
            (after.0, before.1, after.1)
        }
    }

    /// Empty when less than two steps are known.
    func lines(_ paint: (String, Style) -> String) -> [String] {
        guard let first = steps.first, let last = steps.last else { return [] }
        let total = max(last.end.timeIntervalSince(first.start), 0.001)
        let head =
            last.step == .published
            ? "Latency   arrival to queryable \(TimeText.seconds(total))"
            : "Latency   \(last.step.rawValue) after \(TimeText.seconds(total))"
        return [head]
            + steps.map { step in
                let offset = step.start.timeIntervalSince(first.start) / total
                let took = max(0, step.end.timeIntervalSince(step.start))
                let name = Self.padded(step.step.rawValue, 11)
                let bar = Self.bar(from: offset, share: took / total)
                return "  \(name)  \(paint(bar, .good))  \(TimeText.seconds(took))"
            }
    }

    /// Eighths of a cell, so that short steps can be told apart.
    static func bar(from offset: Double, share: Double) -> String {
        let start = min(Self.width - 1, max(0, Int(offset * Double(Self.width))))
        let eighths = max(1, Int((share * Double(Self.width) * 8).rounded()))
        let full = min(eighths / 8, Self.width - start)
        let rest = full + start < Self.width ? Self.blocks[eighths % 8] : ""
        let text = String(repeating: " ", count: start) + String(repeating: "█", count: full) + rest
        return padded(text, Self.width)
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private static let width = 40
    private static let blocks = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
}
