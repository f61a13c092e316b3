import Lanes

/// A connection and the watch that tells when it has something to say.
struct Link {
    let connection: RabbitConnection
    let watch: DescriptorWatch
}

/// Waits half a second: how often an idle connection must be looked at for its heartbeat.
///
/// - Returns: False when the task is cancelled.
func beat() async -> Bool {
    await pause(.milliseconds(500))
    return !Task.isCancelled
}

/// Waits, or less when the task is cancelled meanwhile; the caller looks at that itself.
func pause(_ duration: Duration) async {
    do {
        try await Task.sleep(for: duration)
    } catch {
        return
    }
}
