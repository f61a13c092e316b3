import Pipelines

/// The expressions that make a column's value of a field's text. DuckDB's own casts are never
/// asked alone: they round `12.6` to 13, read `0x1F` and `1_000`, and call `1e400` infinite.
struct DuckDBCast {
    let column: Column
    /// Marks of the object's numbers, where they are not the usual ones.
    var marks: NumberMarks?
    /// Where the column is wider than that.
    var declared: ColumnType?

    /// The text of a value, or null where the text means null.
    ///
    /// - Parameter raw: The field's text; null where the record says null or lacks the field.
    func text(of raw: String) -> String {
        let text = plain(of: raw)
        let type = declared ?? column.type
        let isNumber = [.smallint, .integer, .bigint, .double, .decimal].contains(type)
        let other = widening == nil ? nil : text
        let usual = isNumber ? marks?.usual(text, else: other) ?? text : text
        guard let map = column.map else { return usual }
        let code = column.type == .text ? DuckDBDialect.trimmed(text) : text
        let cases = map.values.sorted { $0.key < $1.key }.map {
            "WHEN \(DuckDBDialect.literal($0.key)) THEN \(DuckDBDialect.literal($0.value))"
        }
        let others = map.others == .keep ? " ELSE \(usual)" : ""
        return "CASE \(code) \(cases.joined(separator: " "))\(others) END"
    }

    /// True where a text is none of the codes though it must be; nil when it may be any.
    func isNoCode(_ raw: String) -> String? {
        guard let map = column.map, map.others == .reject else { return nil }
        let codes = DuckDBDialect.literals(map.values.keys.sorted())
        return "\(DuckDBDialect.trimmed(plain(of: raw))) NOT IN (\(codes))"
    }

    private func plain(of raw: String) -> String {
        if column.type == .text && declared == nil { return texts(of: raw) }
        let trimmed = DuckDBDialect.trimmed(raw)
        guard !column.nulls.isEmpty else { return trimmed }
        return "CASE WHEN \(trimmed) NOT IN (\(DuckDBDialect.literals(column.nulls))) "
            + "THEN \(trimmed) END"
    }

    /// The value of a text that is not null; null where the text does not say such a value.
    func value(of text: String) -> String {
        if let widening { return widening.text(of: text) }
        return switch column.type {
        case .text, .json: text
        case .smallint, .integer, .bigint:
            DuckDBDialect.when(text, matches: "[+-]?[0-9]+(\\.0*)?", attempt(text))
        case .double: double(text)
        case .decimal: decimal(text)
        case .boolean: boolean(text)
        case .date, .timestamp, .timestamptz: DuckDBTimeCast(column: column).value(of: text)
        }
    }

    /// True where a value is below the minimum or above the maximum; nil when there is no limit.
    func isOutOfRange(_ value: String) -> String? {
        if let widening { return widening.cast.isOutOfRange("(\(widening.cast.value(of: value)))") }
        let tests = [
            column.minimum.map { "\(value) < \(limit($0))" },
            column.maximum.map { "\(value) > \(limit($0))" },
        ].compactMap { $0 }
        return tests.isEmpty ? nil : tests.joined(separator: " OR ")
    }

    /// True where a value is not among the accepted ones; nil when any is accepted.
    func isNotAccepted(_ value: String) -> String? {
        guard !column.accepted.isEmpty else { return nil }
        let type = DuckDBDialect.type(column.type)
        let values = column.accepted.map(DuckDBDialect.literal).map {
            widening?.text(of: $0) ?? "CAST(\($0) AS \(type))"
        }
        return "\(value) NOT IN (\(values.joined(separator: ", ")))"
    }

    private var widening: DuckDBWidening? {
        guard column.type == .text, let declared else { return nil }
        return DuckDBWidening(column: column, declared: declared)
    }

    private func texts(of raw: String) -> String {
        let plain = column.stripsHTML == true ? Self.withoutHTML(raw) : raw
        var text = plain
        if column.collapsesWhitespace {
            // Replacing costs much more than looking, and few texts need it.
            text = """
                CASE WHEN regexp_matches(\(plain), '\\s\\s|^\\s|\\s$|[\\t\\n\\r\\f]') \
                THEN trim(regexp_replace(\(plain), '\\s+', ' ', 'g')) ELSE \(plain) END
                """
        }
        guard !column.nulls.isEmpty else { return text }
        // Anchored: a text that means something else is known by its first letter.
        let nulls = column.nulls.map(DuckDBDialect.pattern).joined(separator: "|")
        let pattern = DuckDBDialect.literal("[\\s\\x0B]*(\(nulls))[\\s\\x0B]*")
        return "CASE WHEN NOT regexp_full_match(\(raw), \(pattern)) THEN \(text) END"
    }

    private static func withoutHTML(_ text: String) -> String {
        let pattern =
            "</?[A-Za-z!][^>]*>|&([A-Za-z][A-Za-z0-9]*|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});"
        // Few texts have any of it.
        return """
            CASE WHEN contains(\(text), '<') OR contains(\(text), '&') \
            THEN regexp_replace(\(text), '\(pattern)', '', 'g') ELSE \(text) END
            """
    }

    private func attempt(_ text: String) -> String {
        "TRY_CAST(\(text) AS \(DuckDBDialect.type(column.type)))"
    }

    private func double(_ text: String) -> String {
        let cast = attempt(text)
        let pattern = "[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?"
        // Too large a number is infinite, too small a one zero: neither is what the text says.
        return """
            CASE WHEN regexp_full_match(\(text), '\(pattern)') AND isfinite(\(cast)) \
            AND (\(cast) <> 0 OR NOT regexp_matches(\(text), '^[^eE]*[1-9]')) THEN \(cast) END
            """
    }

    private func decimal(_ text: String) -> String {
        let plain = "[+-]?([0-9]+(\\.[0-9]{0,9}0*)?|\\.[0-9]{1,9}0*)"
        let scientific = "[+-]?[0-9]+(\\.[0-9]{0,9})?[eE](\\+?[0-9]{1,2}|-0?[1-9])"
        // DuckDB (1.5) takes a hundred times as long over a wide decimal as over one of 18 digits.
        let narrow = "CAST(TRY_CAST(\(text) AS DECIMAL(18, 9)) AS \(DuckDBDialect.type(.decimal)))"
        // Nine digits and nine shifts fit 18 places exactly; what differs there was rounded.
        return """
            CASE WHEN regexp_full_match(\(text), '\(plain)') \
            THEN coalesce(\(narrow), \(attempt(text))) \
            WHEN regexp_full_match(\(text), '\(scientific)') \
            AND TRY_CAST(\(text) AS DECIMAL(38, 18)) = \(attempt(text)) THEN \(attempt(text)) END
            """
    }

    private func boolean(_ text: String) -> String {
        """
        CASE WHEN lower(\(text)) IN ('true', 't', 'yes', 'y', '1') THEN true \
        WHEN lower(\(text)) IN ('false', 'f', 'no', 'n', '0') THEN false END
        """
    }

    /// Whole numbers are compared with the limit as it stands: as a whole number it would be
    /// rounded.
    private func limit(_ text: String) -> String {
        let type =
            switch column.type {
            case .smallint, .integer, .bigint: "DECIMAL(38, 9)"
            default: DuckDBDialect.type(column.type)
            }
        return "CAST(\(DuckDBDialect.literal(text)) AS \(type))"
    }
}
