/// The nonces of the last minutes, no more than a limit of them.
struct RecentNonces: Sendable {
    private var recent: Set<String> = []
    private var older: Set<String> = []
    private var since = 0

    /// - Parameter now: Seconds since 1970.
    /// - Returns: False when it came before.
    mutating func add(_ nonce: String, at now: Int) -> Bool {
        if now - since > RequestSignature.toleranceSeconds * 2 || recent.count >= Self.limit {
            (older, recent, since) = (recent, [], now)
        }
        guard !older.contains(nonce) else { return false }
        return recent.insert(nonce).inserted
    }

    private static let limit = 100_000
}
