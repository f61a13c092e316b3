import YAML

/// Reads how long a pipeline's past is kept.
enum RetentionReader {
    static let keys: Keys = [
        key("raw", "Raw objects that were transformed; replays read them"),
        key("processed", "Typed rows in the lake"),
        key("quarantine", "What was refused, in the lake"),
        key("rejects", "Rejects in the warehouse"),
    ]
    private static let limits = 3_600...(100 * 366 * 86_400)

    static func read(_ node: YAMLNode, _ findings: Findings) -> Retention? {
        let place = Word("", at: node.start)
        guard let fields = Fields(node, of: "the retention", at: place, keys: keys, findings)
        else { return nil }
        func seconds(_ key: String) -> Int? {
            fields[key].flatMap { findings.seconds($0, "a retention", in: limits, "1h") }
        }
        return Retention(
            raw: seconds("raw"), processed: seconds("processed"),
            quarantine: seconds("quarantine"), rejects: seconds("rejects"))
    }

    private static func key(_ name: String, _ about: String) -> Key {
        Key(name, .pattern("[0-9]{1,6}[smhd]"), about, example: "30d")
    }
}

extension Findings {
    /// A span of time in seconds, written `30s`, `10m`, `6h` or `7d`.
    ///
    /// - Parameter least: The lower limit, as it is written.
    func seconds(
        _ node: YAMLNode, _ what: String, in range: ClosedRange<Int>, _ least: String
    ) -> Int? {
        guard let word = text(node, what) else { return nil }
        if let match = word.text.wholeMatch(of: /([0-9]{1,6})([smhd])/),
            let number = Int(match.output.1)
        {
            let unit = ["s": 1, "m": 60, "h": 3_600, "d": 86_400][match.output.2] ?? 1
            if range.contains(number * unit) { return number * unit }
        }
        report(
            .badValue, "`\(word.text)` is no span of time for \(what)", at: word,
            fix: "write 30s, 10m, 6h or 7d; at least \(least)")
        return nil
    }
}
