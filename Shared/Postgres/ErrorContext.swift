/// Where an error happened, in the server's words (field `W` of its answer): one line for each
/// thing inside another, e.g. `JSON data, line 1: …` and `COPY t, line 3, column j: "…"`.
struct ErrorContext {
    private let lines: [Substring]

    init(_ text: String?) {
        lines = text?.split(separator: "\n") ?? []
    }

    /// The line that tells most: that of the COPY where there is one.
    var place: String? { (copy ?? lines.first).map(String.init) }

    /// The line of a COPY's input, from 1.
    var line: Int? {
        copy?.firstMatch(of: #/, line (\d+)/#).flatMap { Int($0.1) }
    }

    /// The column that a COPY was reading.
    var column: String? {
        copy?.firstMatch(of: #/, line \d+, column ([^:]+):/#).map { String($0.1) }
    }

    private var copy: Substring? { lines.first { $0.hasPrefix("COPY ") } }
}
