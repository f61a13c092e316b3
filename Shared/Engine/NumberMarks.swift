import Pipelines

/// Marks in numbers other than the usual ones: `1.234,56`.
struct NumberMarks: Sendable {
    private let decimal: String
    private let thousands: String?

    /// Nil where numbers are written in the usual way.
    init?(_ csv: CSVFormat) {
        guard csv.decimal != nil || csv.thousands != nil else { return nil }
        decimal = csv.decimal ?? "."
        thousands = csv.thousands
    }

    /// The text in the usual way, or one that is no number where its marks are not in their places.
    ///
    /// - Parameter other: What stands for a text that is no number.
    func usual(_ text: String, else other: String? = nil) -> String {
        let point = DuckDBDialect.pattern(decimal)
        let groups =
            thousands.map { "[0-9]{1,3}(\(DuckDBDialect.pattern($0))[0-9]{3})+|" } ?? ""
        let pattern = "[+-]?(\(groups)[0-9]*)(\(point)[0-9]*)?([eE][+-]?[0-9]+)?"
        var usual = text
        if let thousands { usual = "replace(\(usual), \(DuckDBDialect.literal(thousands)), '')" }
        if decimal != "." { usual = "replace(\(usual), \(DuckDBDialect.literal(decimal)), '.')" }
        return "CASE WHEN regexp_full_match(\(text), \(DuckDBDialect.literal(pattern))) "
            + "THEN \(usual) WHEN \(text) IS NOT NULL THEN \(other ?? "'no number'") END"
    }
}
