import Foundation

/// Finds what an author meant.
public enum Spelling {
    /// The nearest of `words` that is near enough to be meant; the first of equals.
    public static func nearest(to text: String, among words: [String]) -> String? {
        let typed = text.lowercased()
        let ranked = words.map { (word: $0, distance: distance(typed, $0.lowercased())) }
        guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
        let longest = max(typed.count, best.word.count)
        if best.distance <= max(1, longest / 2) { return best.word }
        return words.first { min($0.count, typed.count) > 1 && typed.contains($0.lowercased()) }
            ?? words.first { typed.count > 1 && $0.contains(typed) }
            ?? words.first { typed.commonPrefix(with: $0.lowercased()).count > 2 }
    }

    /// Insertions, deletions, replacements and swaps of neighbours that turn one into the other.
    static func distance(_ left: String, _ right: String) -> Int {
        let a = Array(left)
        let b = Array(right)
        // A key of thousands of characters is no misspelling, and the table would be large.
        guard a.count <= 100, b.count <= 100 else { return abs(a.count - b.count) + 100 }
        var rows = [Array(0...b.count)]
        for i in 1..<(a.count + 1) {
            var row = [i]
            for j in 1..<(b.count + 1) {
                let replaced = rows[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
                var best = min(replaced, rows[i - 1][j] + 1, row[j - 1] + 1)
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
                    best = min(best, rows[i - 2][j - 2] + 1)
                }
                row.append(best)
            }
            rows.append(row)
        }
        return rows[a.count][b.count]
    }
}
