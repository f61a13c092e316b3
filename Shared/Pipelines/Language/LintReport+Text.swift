extension LintReport {
    /// The report for a person: each mistake with its line, a caret and what to do, then a sum.
    ///
    /// - Parameter colour: Whether to use the terminal's colours. Nothing depends on them.
    public func text(colour: Bool) -> String {
        let ink = Ink(isOn: colour)
        let parts = diagnostics.map { $0.text(folder: folder, ink) }
        return (parts + [summary(ink)]).joined(separator: "\n") + "\n"
    }

    private func summary(_ ink: Ink) -> String {
        guard errors + warnings > 0 else { return ink.green("✓ ") + contents }
        let counts = [
            errors > 0 ? ink.red(Self.count(errors, "error")) : nil,
            warnings > 0 ? ink.yellow(Self.count(warnings, "warning")) : nil,
        ].compactMap { $0 }.joined(separator: ", ")
        let code = diagnostics.first { $0.severity == .error } ?? diagnostics.first
        let more = "millrace lint --explain \(code?.code.rawValue ?? "")"
        let kept = pipelines.isEmpty ? "" : contents + "; "
        return "\n\(kept)\(counts)     \(ink.dim(more))"
    }

    private var contents: String {
        let datasets = pipelines.flatMap(\.datasets)
        let models = pipelines.flatMap(\.models)
        let checks = datasets.flatMap(\.checks) + models.flatMap(\.checks)
        let counts = [
            Self.count(datasets.count, "dataset"), Self.count(models.count, "model"),
            Self.count(checks.count, "check"),
        ].joined(separator: ", ")
        guard pipelines.count > 1 else { return pipelines.map { "\($0.name): \(counts)" }.joined() }
        let names = pipelines.map(\.name).joined(separator: ", ")
        return "\(Self.count(pipelines.count, "pipeline")), \(counts): \(names)"
    }

    private static func count(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }
}

extension Diagnostic {
    /// One mistake with its line, a caret under what is meant, and what to do.
    fileprivate func text(folder: String, _ ink: Ink) -> String {
        let trimmed = folder.hasSuffix("/") ? String(folder.dropLast()) : folder
        let path = [".", ""].contains(trimmed) ? file : "\(trimmed)/\(file)"
        let word = "\(severity.rawValue)[\(code.rawValue)]"
        let head = severity == .error ? ink.red(word) : ink.yellow(word)
        var lines = ["\(ink.dim("\(path):\(line):\(column):")) \(head) \(message)"]
        let width = String(line).count
        let gutter = String(repeating: " ", count: width)
        for (index, text) in excerpt.enumerated() {
            let number = String(line - excerpt.count + 1 + index)
            let pad = String(repeating: " ", count: width - number.count)
            lines.append("   \(ink.dim("\(pad)\(number) |")) \(text)")
        }
        let question = suggestion.map { "did you mean `\($0)`?" }
        if let last = excerpt.last {
            let carets = String(repeating: "^", count: length)
            let mark = [ink.mark(carets, severity), question].compactMap { $0 }
                .joined(separator: " ")
            lines.append("   \(ink.dim("\(gutter) |")) \(blank(before: last))\(mark)")
        } else if let question {
            lines.append("   \(gutter) \(ink.dim("=")) \(question)")
        }
        if let fix { lines.append("   \(gutter) \(ink.dim("=")) \(fix)") }
        return lines.joined(separator: "\n")
    }

    /// Blanks as wide as the line up to the mistake; tabs stay, whatever their width is.
    private func blank(before text: String) -> String {
        String(text.prefix(column - 1).map { $0 == "\t" ? "\t" : " " })
            + String(repeating: " ", count: max(0, column - 1 - text.count))
    }
}

/// The few colours of a report.
private struct Ink {
    let isOn: Bool

    func red(_ text: String) -> String { paint("1;31", text) }
    func yellow(_ text: String) -> String { paint("33", text) }
    func green(_ text: String) -> String { paint("32", text) }
    func dim(_ text: String) -> String { paint("2", text) }
    func mark(_ text: String, _ severity: DiagnosticCode.Severity) -> String {
        severity == .error ? red(text) : yellow(text)
    }

    private func paint(_ code: String, _ text: String) -> String {
        isOn ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
