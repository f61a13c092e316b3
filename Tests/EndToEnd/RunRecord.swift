/// A run as `runs --format json` lists it.
struct RunRecord: Decodable, Sendable {
    let run: String
    let pipeline: String
    let dataset: String
    let state: String
    let read: Int
    let published: Int
    let superseded: Int
    let filtered: Int
    let rejected: Int
    let latency_seconds: Double?

    var isBalanced: Bool { read == published + superseded + filtered + rejected }
}

extension TestPipeline {
    /// Its runs, newest first.
    func runs() async throws -> [RunRecord] {
        try await stack.millrace(
            "runs", "--pipeline", name, "--limit", "1000", "--format", "json"
        ).decoded([RunRecord].self)
    }
}
