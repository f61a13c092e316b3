/// A list of words for a help text: with commas, on as many lines as it takes.
enum WrappedList {
    static func text(_ words: [String], width: Int = 80) -> String {
        var lines = [""]
        for (index, word) in words.enumerated() {
            let piece = word + (index == words.count - 1 ? "." : ",")
            let line = lines[lines.count - 1]
            if line.isEmpty {
                lines[lines.count - 1] = piece
            } else if line.count + 1 + piece.count <= width {
                lines[lines.count - 1] = "\(line) \(piece)"
            } else {
                lines.append(piece)
            }
        }
        return lines.joined(separator: "\n")
    }
}
