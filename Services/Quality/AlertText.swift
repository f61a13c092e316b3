import Checks
import Events
import Foundation

/// The words of alerts about checks.
enum AlertText {
    /// The failed check, what it found, and rows that show it.
    static func lines(of result: CheckResult) -> [String] {
        ["\(result.name): \(result.message)"] + samples(result.samples).map { "    \($0)" }
    }

    /// `read 120 = published 118 + superseded 0 + filtered 0 + rejected 2`
    static func balance(_ counts: Counts) -> String {
        "read \(counts.read) = published \(counts.published) + superseded \(counts.superseded)"
            + " + filtered \(counts.filtered) + rejected \(counts.rejected)"
    }

    /// Rows as `name=value  name=value`, one to a line.
    static func samples(_ json: String) -> [String] {
        guard
            let rows = try? JSONDecoder().decode(
                [[String: String?]].self, from: Data(json.utf8))
        else { return [] }
        return rows.map { row in
            row.sorted { $0.key < $1.key }
                .map { "\($0.key)=\($0.value.map(oneLine) ?? "null")" }
                .joined(separator: "  ")
        }
    }

    private static func oneLine(_ value: String) -> String {
        let flat = value.split { $0.isWhitespace || $0.isNewline }.joined(separator: " ")
        return flat.count > 80 ? flat.prefix(79) + "…" : flat
    }
}
