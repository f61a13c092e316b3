import Pipelines

/// The texts of a column that is a text now and was declared as something else.
///
/// A value of the declared type, or of one between the two, has the text that the warehouse gives
/// such a value when it changes a column (`TypeLadder`): it is the same whether a row came before
/// the change or after it. Other texts are as they were written.
struct DuckDBWidening {
    let column: Column
    let declared: ColumnType

    /// The text of a value.
    func text(of text: String) -> String {
        guard declared != .text, declared != .json else { return text }
        return "coalesce(\(canonical(cast.value(of: text))), \(text))"
    }

    /// The widest type below text that a value may be of.
    var cast: DuckDBCast {
        var column = column
        column.type = declared.wider.last { $0 != .text } ?? declared
        return DuckDBCast(column: column)
    }

    private func canonical(_ value: String) -> String {
        let text = "CAST((\(value)) AS VARCHAR)"
        switch cast.column.type {
        case .decimal: return "regexp_replace(\(text), '\\.?0+$', '')"
        case .double: return "regexp_replace(\(text), '\\.0$', '')"
        // A date that has become a time is a date again.
        case .timestamp: return "regexp_replace(\(text), ' 00:00:00$', '')"
        case .timestamptz:
            return "replace(regexp_replace(\(text), '\\+00$', 'Z'), ' ', 'T')"
        default: return text
        }
    }
}
