import Pipelines

/// The expressions that make dates and times of a field's text: by the declared patterns, or by
/// ISO 8601 where there are none.
struct DuckDBTimeCast {
    let column: Column

    /// The value of a text; null where the text does not say one in the years 1 to 9999.
    func value(of text: String) -> String {
        let type = DuckDBDialect.type(column.type)
        let value = column.formats.isEmpty ? iso(text) : formatted(text, type)
        // `%Y` reads `20` as the year 20, where nobody's data comes from.
        let first = column.formats.isEmpty ? "0001-01-01" : "1000-01-01"
        return """
            CASE WHEN \(value) BETWEEN CAST('\(first)' AS \(type)) \
            AND CAST('9999-12-31\(column.type == .date ? "" : " 23:59:59.999999")' AS \(type)) \
            THEN \(value) END
            """
    }

    private func iso(_ text: String) -> String {
        let date = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
        // Digits behind the sixth would be lost.
        let time = "[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,6}0*)?)?"
        switch column.type {
        case .timestamp:
            return DuckDBDialect.when(
                text, matches: "\(date)(\(time))?", "TRY_CAST(\(point(text)) AS TIMESTAMP)")
        case .timestamptz:
            let zone = " ?(Z|[+-](0[0-9]|1[0-5])(:?[0-5][0-9])?)"
            // DuckDB wants seconds where there is an offset.
            let whole = "left(\(text), 16) || ':00' || substr(\(text), 17)"
            let attempts = [
                DuckDBDialect.when(text, matches: date + time + zone, moment(point(text))),
                DuckDBDialect.when(
                    text, matches: "\(date)[ T][0-9]{2}:[0-9]{2}\(zone)", moment(whole)),
            ]
            return "coalesce(\(attempts.joined(separator: ", ")))"
        default:
            return DuckDBDialect.when(text, matches: date, "TRY_CAST(\(text) AS DATE)")
        }
    }

    private func moment(_ text: String) -> String {
        "TRY_CAST(replace(replace(\(text), ' +', '+'), ' -', '-') AS TIMESTAMPTZ)"
    }

    /// ISO 8601 allows a comma for the fraction.
    private func point(_ text: String) -> String { "replace(\(text), ',', '.')" }

    /// Each pattern is tried alone: in a list, DuckDB (1.5) keeps the offset of a pattern that
    /// failed for the next one.
    private func formatted(_ text: String, _ type: String) -> String {
        let attempts = column.formats.filter(canTell).map { format in
            if let unit = EpochUnit(rawValue: format) { return epoch(text, unit) }
            return "CAST(try_strptime(\(text), \(DuckDBDialect.literal(format))) AS \(type))"
        }
        guard !attempts.isEmpty else { return "CAST(NULL AS \(type))" }
        // Without a digit it is `epoch` or `infinity`, which every pattern takes.
        return """
            CASE WHEN regexp_matches(\(text), '[0-9]') \
            THEN coalesce(\(attempts.joined(separator: ", "))) END
            """
    }

    /// A moment needs a pattern that reads its offset or zone.
    private func canTell(_ format: String) -> Bool {
        column.type != .timestamptz || format.contains("%z") || format.contains("%Z")
            || EpochUnit(rawValue: format) != nil
    }

    /// The moment of a number of seconds or parts of them since 1970. What it has behind the
    /// microsecond must be zeros.
    private func epoch(_ text: String, _ unit: EpochUnit) -> String {
        let places = unit.places
        let fraction = places > 0 ? "(\\.[0-9]{0,\(places)}0*)?" : "(\\.0*)?"
        // Of texts, because DuckDB (1.5) takes a hundred times as long over a wide decimal.
        let whole = "split_part(\(text), '.', 1)"
        let part = "rpad(left(split_part(\(text), '.', 2), \(places)), \(places), '0')"
        let number = "TRY_CAST(\(whole) || \(part) AS BIGINT)"
        // The years 1 to 9999: what lies beyond would be an error and not a null.
        return """
            CASE WHEN regexp_full_match(\(text), '[+-]?[0-9]{1,18}\(fraction)') \
            AND \(number) BETWEEN -62135596800000000 AND 253402300799999999 \
            THEN CAST(make_timestamp(\(number)) AS TIMESTAMPTZ) END
            """
    }
}
