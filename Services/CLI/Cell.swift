import Telemetry

/// One value of a table, which JSON keeps as what it is.
struct Cell: Sendable, Equatable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    /// The value itself.
    enum Value: Sendable, Equatable {
        case none
        case text(String)
        case integer(Int)
        case number(Double)
        case flag(Bool)
        /// JSON text that is put into JSON output as it is.
        case json(String)
    }

    let value: Value
    let style: Style

    init(_ value: Value, _ style: Style = .plain) {
        self.value = value
        self.style = style
    }

    init(_ text: String?, _ style: Style = .plain) {
        self.init(text.map(Value.text) ?? .none, style)
    }

    init(_ number: Int?, _ style: Style = .plain) {
        self.init(number.map(Value.integer) ?? .none, style)
    }

    init(_ number: Double?, _ style: Style = .plain) {
        self.init(number.map(Value.number) ?? .none, style)
    }

    init(_ flag: Bool, _ style: Style = .plain) {
        self.init(.flag(flag), style)
    }

    init(stringLiteral text: String) { self.init(.text(text)) }
    init(integerLiteral number: Int) { self.init(.integer(number)) }

    /// For people; empty for nothing.
    var text: String {
        switch value {
        case .none: ""
        case .text(let text): text
        case .integer(let number): String(number)
        case .number(let number): String(number)
        case .flag(let flag): flag ? "yes" : "no"
        case .json(let text): text
        }
    }

    /// The value as JSON.
    var json: String {
        switch value {
        case .none: "null"
        case .text(let text): JSONString.quoted(text)
        case .integer(let number): String(number)
        case .number(let number): number.isFinite ? String(number) : "null"
        case .flag(let flag): String(flag)
        case .json(let text): text
        }
    }

    /// The value as a field of a CSV file (RFC 4180).
    var csv: String {
        let plain: String =
            if case .flag(let flag) = value { String(flag) } else { text }
        let needsQuotes = plain.contains { ",\"".contains($0) || $0.isNewline }
        if !needsQuotes { return plain }
        return "\""
            + plain.split(separator: "\"", omittingEmptySubsequences: false)
            .joined(separator: "\"\"") + "\""
    }

    /// True for what stands at the right edge of its column.
    var isNumber: Bool {
        switch value {
        case .integer, .number: true
        default: false
        }
    }
}
