/// One mistake in a pipeline's folder: what, where, and what to do.
public struct Diagnostic: Sendable, Hashable {
    public let code: DiagnosticCode
    /// Relative to the pipeline's folder.
    public let file: String
    /// Counted from 1.
    public let line: Int
    /// Counted from 1, in characters.
    public let column: Int
    /// How many characters of the line are meant; at least 1.
    public let length: Int
    public let message: String
    /// The nearest right word, where one is near.
    public let suggestion: String?
    /// What to do about it.
    public let fix: String?
    /// The line before and the line itself; fewer at the top, none where it must not be shown.
    public let excerpt: [String]

    public var severity: DiagnosticCode.Severity { code.severity }
}
