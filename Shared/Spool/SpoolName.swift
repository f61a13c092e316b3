import Events

/// The name of a file in the spool: `<ulid>.<kind>`.
struct SpoolName: Sendable {
    enum Kind: String, Sendable {
        case segment
        case facts = "json"
        case origin
        /// What it says of its source.
        case note
        /// Bytes of a segment that is being written.
        case part
    }

    let id: ULID

    /// Nil when `name` is not of that kind.
    init?(_ name: String, _ kind: Kind) {
        guard name.hasSuffix(".\(kind.rawValue)"),
            let id = ULID(name.dropLast(kind.rawValue.utf8.count + 1))
        else { return nil }
        self.id = id
    }

    static func text(_ id: ULID, _ kind: Kind) -> String { "\(id).\(kind.rawValue)" }
}
