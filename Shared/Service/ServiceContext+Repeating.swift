import Telemetry

extension ServiceContext {
    /// Does `body` again and again until it is cancelled. What it throws is logged; the next time
    /// is another try.
    ///
    /// - Parameter name: What it is, for the log.
    public func repeating(
        _ name: String, every period: Duration, _ body: () async throws -> Void
    ) async throws {
        while true {
            do {
                try await body()
            } catch is CancellationError {
                return
            } catch {
                log.warning("\(name) not finished", ["error": "\(error)"])
            }
            try await Task.sleep(for: period)
        }
    }
}
