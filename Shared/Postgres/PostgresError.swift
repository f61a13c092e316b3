public import Events

/// Why PostgreSQL, or the way to it, did not do what was asked.
public struct PostgresError: ClassifiedError, Equatable {
    public enum Kind: Sendable, Equatable {
        /// The URL is wrong.
        case address
        /// No connection, or it broke; what was under way may have happened or not.
        case unreachable
        /// The server said no; `sqlState` has its code.
        case refused
        /// The bytes to copy could not be read.
        case input
        /// A result does not have the form that the caller relies on.
        case shape
    }

    public let kind: Kind
    /// The server's primary message, one line.
    public let message: String
    /// Five letters and digits (PostgreSQL manual, appendix A); nil where the server said nothing.
    public let sqlState: String?
    /// Where it happened, in the server's words, e.g. `COPY authors, line 3, column id: "x"`.
    public let place: String?
    /// The line of a COPY's input, from 1; nil where the server does not name one.
    public let line: Int?
    /// The column that the server names.
    public let column: String?
    /// The server's detail; may hold values of rows.
    public let detail: String?

    public init(
        _ kind: Kind, _ message: String, sqlState: String? = nil, place: String? = nil,
        line: Int? = nil, column: String? = nil, detail: String? = nil
    ) {
        self.kind = kind
        self.message = message
        self.sqlState = sqlState
        self.place = place
        self.line = line
        self.column = column
        self.detail = detail
    }

    public var disposition: Disposition {
        switch kind {
        case .unreachable: .transient
        case .address, .input, .shape: .permanent
        case .refused: SQLState.disposition(of: sqlState ?? "")
        }
    }

    /// True when the values of one row were the reason: the others may pass without it.
    public var isOfRow: Bool { kind == .refused && SQLState.isOfRow(sqlState ?? "") }

    public var errorClass: String {
        switch kind {
        case .refused: "postgres.\(sqlState ?? "refused")"
        default: "postgres.\(kind)"
        }
    }

    public var description: String {
        let code = sqlState.map { " (\($0))" } ?? ""
        let place = place.map { " at \($0)" } ?? ""
        return "PostgreSQL: \(message)\(code)\(place)"
    }
}
