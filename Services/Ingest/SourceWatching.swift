import Pipelines

/// A dataset as one revision of its pipeline describes it.
struct AppliedDataset: Sendable, Equatable {
    let pipeline: String
    let revision: String
    let dataset: Dataset
}

/// One kind of source: it captures the records of every applied dataset that has a source of its
/// kind.
protocol SourceWatching: Sendable {
    /// Replaces the datasets that it captures; those of other kinds are among them.
    func follow(_ datasets: [AppliedDataset]) async
    /// Captures until it is cancelled.
    func run() async throws
}
