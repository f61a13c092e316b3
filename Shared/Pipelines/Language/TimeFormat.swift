/// A strptime pattern as DuckDB reads it.
enum TimeFormat {
    /// What is wrong with a pattern for values of `type`, and the fix; nil when nothing is.
    static func problem(_ pattern: String, for type: ColumnType) -> (message: String, fix: String)?
    {
        if EpochUnit(rawValue: pattern) != nil {
            let problem = (
                "format `\(pattern)` says a moment, and the column is a \(type.rawValue)",
                "make the column a timestamptz"
            )
            return type == .timestamptz ? nil : problem
        }
        let found = specifiers(in: pattern)
        if found.isEmpty {
            return (
                "format `\(pattern)` has no `%` in it",
                "write a strptime pattern, like \"%Y-%m-%d %H:%M\", or epoch_s, epoch_ms, epoch_us"
            )
        }
        if let unknown = found.first(where: { !known.contains($0) }) {
            return (
                "format `\(pattern)` has `%\(unknown)`, which stands for nothing",
                "specifiers: \(known.sorted().map { "%\($0)" }.joined(separator: " "))"
            )
        }
        if type == .timestamptz, !found.contains("z") {
            return (
                "format `\(pattern)` has no offset, and a timestamptz needs one",
                "add %z, or make the column a timestamp"
            )
        }
        if type == .timestamp, found.contains("z") {
            return (
                "format `\(pattern)` has an offset, and a timestamp would lose it",
                "make the column a timestamptz"
            )
        }
        return nil
    }

    private static func specifiers(in pattern: String) -> [String] {
        pattern.matches(of: /%(-?.|$)/).map { String($0.output.1) }
    }

    private static let known: Set<String> = [
        "a", "A", "b", "B", "c", "d", "-d", "f", "g", "G", "H", "-H", "I", "-I", "j", "-j", "m",
        "-m", "M", "-M", "n", "p", "S", "-S", "u", "U", "V", "w", "W", "x", "X", "y", "-y", "Y",
        "z", "Z", "%",
    ]
}
