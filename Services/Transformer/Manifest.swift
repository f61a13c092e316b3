import Events
import Lake

/// The facts about a transformed batch, in the lake: written once, after everything else of it.
struct Manifest: Sendable {
    let lake: any ObjectStore
    let key: String

    /// Nil when the batch is not transformed yet.
    func facts() async throws -> BatchFacts? { try await lake.facts(at: key) }

    /// Writes the facts, unless somebody who did the same work was first.
    ///
    /// - Returns: The facts that hold.
    func settle(_ facts: BatchFacts) async throws -> BatchFacts {
        let bytes = try EventJSON.encode(facts)
        let isFirst = try await lake.putIfAbsent(bytes, at: key)
        // As they were written: a time loses its microseconds on the way.
        let written = try EventJSON.decode(BatchFacts.self, from: bytes)
        return isFirst ? written : try await self.facts() ?? written
    }
}
