public import Testing

/// Waits until `condition` holds, and records an issue when it still does not after `limit`.
///
/// For what no event tells: the state of a folder, a table or a queue of another process.
public func eventually(
    within limit: Duration = .seconds(60), _ claim: Comment? = nil,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let end = clock.now + limit
    while try await !condition() {
        guard clock.now < end else {
            Issue.record(claim ?? "it did not come true", sourceLocation: sourceLocation)
            return
        }
        try await clock.sleep(for: .milliseconds(10))
    }
}
