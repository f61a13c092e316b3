extension LakeKeys {
    /// The longest key, as in S3.
    public static let limitBytes = 1024

    /// - Throws: `refused`, with the rule that `key` breaks.
    public static func verify(_ key: String, during operation: String) throws(LakeError) {
        guard let fault = fault(of: key) else { return }
        throw LakeError(.refused, during: operation, "`\(shown(key))` is not a key: \(fault)")
    }

    private static func fault(of key: String) -> String? {
        if key.isEmpty { return "it is empty" }
        if key.utf8.count > limitBytes { return "it is longer than \(limitBytes) bytes" }
        if key.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
            return "it holds a control character"
        }
        for part in key.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            if part.isEmpty { return "it has an empty part" }
            if part.first == UInt8(ascii: ".") { return "a part starts with a dot" }
            if part.count > 255 { return "a part is longer than 255 bytes" }
        }
        return nil
    }

    /// Short and without control characters, for a message.
    private static func shown(_ key: String) -> String {
        let start = key.unicodeScalars.prefix(120).map { scalar in
            scalar.value < 0x20 || scalar.value == 0x7F ? "\u{FFFD}" : Character(scalar)
        }
        return String(start)
    }
}
