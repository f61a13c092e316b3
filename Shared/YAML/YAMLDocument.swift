public import struct Foundation.Data

/// One YAML document, read strictly: UTF-8, one document, every key once, no anchors, no tags.
public struct YAMLDocument: Sendable {
    /// Nil when the text is empty, or broken beyond reading.
    public let root: YAMLNode?
    /// Everything wrong with it, in the order of the text. Duplicate and ambiguous keys leave
    /// the rest readable (the first of equal ones counts); after any other problem `root` is nil.
    public let problems: [YAMLProblem]

    public init(_ bytes: Data, limits: YAMLLimits = YAMLLimits()) {
        do {
            let text = try Self.text(of: bytes, limits: limits)
            var composer = YAMLComposer(try YAMLEventStream(text), limits: limits)
            let root = try composer.document()
            self.root = root
            problems = composer.problems.sorted { $0.mark < $1.mark }
        } catch {
            root = nil
            problems = [error]
        }
    }

    private static func text(
        of bytes: Data, limits: YAMLLimits
    ) throws(YAMLProblem) -> String {
        let start = YAMLMark(line: 1, column: 1)
        guard bytes.count <= limits.bytes else {
            throw YAMLProblem(
                .tooLarge, "\(bytes.count) bytes are more than the limit of \(limits.bytes)",
                at: start)
        }
        let utf16: [[UInt8]] = [[0xFF, 0xFE], [0xFE, 0xFF]]
        guard !utf16.contains(where: { bytes.starts(with: $0) }) else {
            throw YAMLProblem(.badBytes, "UTF-16", fix: "save the file as UTF-8", at: start)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw YAMLProblem(
                .badBytes, "not UTF-8", fix: "save the file as UTF-8",
                at: mark(of: String(decoding: bytes, as: UTF8.self), before: "\u{FFFD}"))
        }
        guard !text.utf8.contains(0) else {
            throw YAMLProblem(
                .badBytes, "a NUL byte", fix: "remove it", at: mark(of: text, before: "\0"))
        }
        return text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
    }

    private static func mark(of text: String, before scalar: Unicode.Scalar) -> YAMLMark {
        let before = text.unicodeScalars.prefix { $0 != scalar }
        let lines = before.split(separator: "\n", omittingEmptySubsequences: false)
        return YAMLMark(line: lines.count, column: (lines.last?.count ?? 0) + 1)
    }
}
