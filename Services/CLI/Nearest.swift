/// The candidate that `word` was probably meant to be; nil when none is near.
func nearest(to word: String, in candidates: [String]) -> String? {
    let ranked = candidates.map { ($0, editDistance(word, $0)) }
    guard let best = ranked.min(by: { $0.1 < $1.1 }) else { return nil }
    let isShortened = word.count > 1 && best.0.hasPrefix(word)
    return isShortened || best.1 <= max(1, word.count / 3) ? best.0 : nil
}

/// How many letters must be changed, left out, added or swapped with the next.
private func editDistance(_ left: String, _ right: String) -> Int {
    let from = Array(left)
    let to = Array(right)
    var older: [Int] = []
    var previous = Array(0...to.count)
    for (row, letter) in from.enumerated() {
        var current = [row + 1]
        for (column, other) in to.enumerated() {
            let change = previous[column] + (letter == other ? 0 : 1)
            var best = min(change, previous[column + 1] + 1, current[column] + 1)
            if row > 0, column > 0, letter == to[column - 1], from[row - 1] == other {
                best = min(best, older[column - 1] + 1)
            }
            current.append(best)
        }
        older = previous
        previous = current
    }
    return previous[to.count]
}
