/// What one dataset takes of a call that several share.
public struct HTTPShare: Codable, Sendable, Equatable {
    /// The keys that lead to its records inside of the call's records; empty for these themselves.
    public var records: [String]
    /// Fields that its records get besides, from the call's record they are in.
    public var with: [HTTPAddedField]

    public init(records: [String] = [], with: [HTTPAddedField] = []) {
        self.records = records
        self.with = with
    }
}

/// A field that a record gets besides its own.
public struct HTTPAddedField: Codable, Sendable, Equatable {
    /// Where its value comes from.
    public enum Origin: Codable, Sendable, Equatable {
        /// The keys that lead to it in the call's record; of an array its first element is taken.
        case record([String])
        /// When the call was made.
        case askedAt
    }

    public var name: String
    public var origin: Origin

    public init(_ name: String, _ origin: Origin) {
        self.name = name
        self.origin = origin
    }
}
