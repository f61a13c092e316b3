/// Traffic that was made already: the same seed gives the same files, so each is made once. The
/// tests run one after the other.
actor TrafficCache {
    private var known: [String: Traffic] = [:]

    /// The traffic of that name, made by `make` if it is new.
    func traffic(
        _ name: String, _ make: @Sendable () async throws -> Traffic
    ) async throws -> Traffic {
        if let traffic = known[name] { return traffic }
        let traffic = try await make()
        known[name] = traffic
        return traffic
    }
}
