/// A part of the stack that runs: a server or a service.
public protocol RunningPart: Sendable {
    /// Every process of it that has to be gone in the end, the most important first.
    var processes: [ProcessIdentity] { get }
    /// Waits for its end and says how it came.
    func ended() async -> String
    /// Ends it, with a time limit, and returns when nothing of it runs.
    func stop() async
}
