import Engine
import Events
import Foundation
import Lake
import Pipelines
import Warehouse

/// What can be sent again, from where, and what stands against it.
struct RejectPlan: Sendable {
    let lake: any ObjectStore
    let catalog: PipelineCatalog

    /// The rejects of one object.
    struct Step: Sendable {
        let origin: RejectReplays.Origin
        /// The pipeline's current revision.
        var revision = ""
        /// Why nothing of it can be sent.
        var obstacle: String?
        /// The object that they went in, and how many.
        var object: String?
        var sent = 0
    }

    func steps(_ origins: [RejectReplays.Origin]) async throws -> [Step] {
        var steps: [Step] = []
        for origin in origins {
            var step = Step(origin: origin)
            let current = try await catalog.current(origin.pipeline)
            step.revision = current?.revision ?? ""
            if current?.pipeline.dataset(origin.dataset) == nil {
                step.obstacle = "the pipeline does not have the dataset any more"
            } else if origin.run != .published {
                step.obstacle =
                    "its batch is \(origin.run?.rawValue ?? "unknown"): put the file again"
            } else if try await source(of: origin.batch, origin) == nil {
                step.obstacle = "its object is not kept any more: put the records in a file"
            }
            steps.append(step)
        }
        return steps
    }

    /// The key of the object that records are taken from; nil when it is not in the lake.
    func source(of batch: ULID, _ origin: RejectReplays.Origin) async throws -> String? {
        try await source(
            origin.pipeline, origin.dataset, batch, object: origin.object, isWhole: origin.isWhole)
    }

    func source(
        _ pipeline: String, _ dataset: String, _ batch: ULID, object: String, isWhole: Bool
    ) async throws -> String? {
        let working = LakeKeys.workingPrefix(pipeline, dataset, batch: batch) + object
        if try await lake.info(working) != nil { return working }
        // Refused as a whole, or read by a replay where the first batch has it.
        let manifest = LakeKeys.manifest(pipeline, dataset, batch: batch)
        guard let facts = try await lake.facts(at: manifest), isWhole || facts.replay != nil,
            let index = facts.objects.firstIndex(where: { $0.name == object })
        else { return nil }
        return try await lake.rawKeys(of: facts)[index]
    }

    /// `reviews.csv.gz` → `reviews.replay-7.csv`: what is copied out of it is not packed.
    static func name(of object: String, replay: Int) -> String {
        var name = object.dropFirst(27)
        for packed in [".gz", ".zst", ".zstd"] where name.lowercased().hasSuffix(packed) {
            name = name.dropLast(packed.count)
        }
        guard let dot = name.lastIndex(of: "."), dot > name.startIndex else {
            return "\(name).replay-\(replay)"
        }
        return "\(name[..<dot]).replay-\(replay)\(name[dot...])"
    }

    static func sent(_ steps: [Step]) -> Int { steps.reduce(0) { $0 + $1.sent } }

    static func table(_ steps: [Step]) -> Table {
        var table = Table("table", "file", "records", "sent", "outcome", "object")
        for step in steps {
            let origin = step.origin
            let outcome = step.obstacle ?? (step.object == nil ? "would be sent" : "sent")
            table.add([
                Cell("\(origin.pipeline).\(origin.dataset)"),
                Cell(String(origin.object.dropFirst(27))), Cell(origin.records), Cell(step.sent),
                Cell(outcome, step.obstacle == nil ? .good : .bad), Cell(step.object),
            ])
        }
        return table
    }
}
