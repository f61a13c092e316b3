/// How values that tell of a person are made unreadable before anything is written.
public enum Personal: String, Codable, Sendable, CaseIterable {
    /// `***`
    case mask
    /// `***` and the last four characters; without them where the text is shorter than eight.
    case last4
    /// HMAC-SHA-256 under the transformer's key, in 64 hexadecimal digits: equal values stay equal.
    case hash
    /// The field is known and the table has no column for it.
    case drop
}

extension Dataset {
    /// Whether records hold what must not be seen: nothing of them is then quoted or kept aside.
    public var isPersonal: Bool {
        let all = (dropped ?? []) + childTables.flatMap { $0.dropped ?? [] }
        return !all.isEmpty || allColumns.contains { $0.personal != nil }
    }
}
