import Events
import Kit
import Pipelines

/// A row that stands in an object: what the modes of loading differ about.
struct SampleRow: Sendable, Hashable {
    let id: Int
    let text: String
    let updated: Int

    /// As the loader's tests write rows.
    var sql: String { "(\(id), '\(text)', \(updated))" }
    /// As the loader's tests read them.
    var shown: String { "\(id) \(text) \(updated)" }
}

/// An object with its rows. Names are in the order in which they landed.
struct SampleObject: Sendable {
    let name: String
    let rows: [SampleRow]

    /// Objects that landed one after the other.
    static func landed(_ contents: [[SampleRow]]) -> [SampleObject] {
        contents.enumerated().map { index, rows in
            let number = String(index + 1)
            let id = "01K" + String(repeating: "0", count: 23 - number.count) + number
            return SampleObject(name: "\(id)-reviews.csv", rows: rows)
        }
    }
}

/// Brings the same objects in, in other orders and other batches.
struct SampleLoads {
    let rig: Rig
    let pipeline: Pipeline

    /// Loads objects in the order given, some of them together, each event twice.
    ///
    /// - Returns: What became of all records.
    func load(_ objects: [SampleObject], using random: inout Seeded) async throws -> Counts {
        var rest = objects[...]
        var counts = Counts()
        while !rest.isEmpty {
            let batch = rest.prefix(Int.random(in: 1...3, using: &random))
            rest = rest.dropFirst(batch.count)
            let facts = try await facts(Array(batch))
            let published = try await rig.load(facts)
            let again = try await rig.load(facts)
            guard again.counts == published.counts, published.counts.isBalanced else {
                throw Rig.Failure(text: "told differently: \(published) \(again)")
            }
            counts = counts + published.counts
        }
        return counts
    }

    /// A batch as a transformer would leave it: one row for each key of a row.
    func facts(_ objects: [SampleObject]) async throws -> BatchFacts {
        let sorted = objects.sorted { $0.name < $1.name }
        let load = pipeline.datasets[0].load
        let names = Set(load.rowKey)
        var best: [String: (object: Int, row: Int)] = [:]
        for (object, contents) in sorted.enumerated() {
            for (index, row) in contents.rows.enumerated() {
                let key =
                    names.isEmpty || load.mode == .replace
                    ? "\(object) \(names.isEmpty ? index : row.id)"
                    : names.contains("updated") ? "\(row.id) \(row.updated)" : "\(row.id)"
                let present = best[key].map { sorted[$0.object].rows[$0.row].updated }
                if present.map({ $0 <= row.updated }) ?? true { best[key] = (object, index) }
            }
        }
        let kept = Dictionary(grouping: best.values, by: \.object)
        return try await rig.batch(
            sorted.enumerated().map { object, contents in
                let rows = (kept[object] ?? []).map { contents.rows[$0.row].sql }.sorted()
                return Contents(
                    name: contents.name, rows: rows,
                    counts: Counts(superseded: contents.rows.count - rows.count))
            }, of: pipeline)
    }
}
