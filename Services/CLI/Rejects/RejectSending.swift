import Engine
import Events
import Foundation
import Lake
import Pipelines
import Warehouse

/// Brings rejected records into the landing zone, in objects of their own. Whatever it does can be
/// done again: names and contents follow from what was taken in hand.
struct RejectSending: Sendable {
    let replays: RejectReplays
    let plan: RejectPlan
    let publisher: any EventPublisher
    let source: String

    /// Takes the records of a step in hand and sends them.
    func send(
        _ step: inout RejectPlan.Step, _ filter: RejectFilter, by who: String
    ) async throws {
        let origin = step.origin
        let id = ULID()
        let replay = try await replays.begin(origin, filter, revision: step.revision, by: who) {
            number in
            "\(id)-\(LakeKeys.safe(RejectPlan.name(of: origin.object, replay: number)))"
        }
        guard let replay else {
            step.obstacle = "somebody else was first"
            return
        }
        step.sent = try await send(replay)
        step.object = replay.object
        if step.sent < replay.records {
            step.obstacle =
                "\(replay.records - step.sent) could not be told in their object: put them in a "
                + "file"
        }
    }

    /// Sends what was taken in hand.
    ///
    /// - Returns: How many records.
    func send(_ replay: RejectReplays.Replay) async throws -> Int {
        let landing = LakeKeys.landing(
            replay.pipeline, replay.dataset, at: replay.beganAt,
            id: ULID(replay.object.prefix(26)) ?? replay.batch,
            name: String(replay.object.dropFirst(27)))
        return try await inScratch(replay) { path in try await send(replay, at: landing, path) }
    }

    private func send(
        _ replay: RejectReplays.Replay, at landing: String, _ path: String
    ) async throws -> Int {
        let count = try await write(replay, to: path + "/object", scratch: path)
        guard count > 0, let current = try await plan.catalog.current(replay.pipeline) else {
            return 0
        }
        let bytes = try Data(contentsOf: URL(filePath: path + "/object"), options: .alwaysMapped)
        let sha256 = SHA256.hex(of: bytes)
        let landed = ObjectLanded(
            pipeline: replay.pipeline, revision: current.revision, dataset: replay.dataset,
            object: landing, bytes: bytes.count, sha256: sha256,
            times: [.arrived: replay.beganAt, .landed: Date()])
        try await plan.lake.put(fileAt: path + "/object", at: landing)
        try await publisher.publish([
            try Event(landed, id: "\(replay.object.prefix(26)).landed", from: source)
        ])
        try await replays.markSent(replay)
        return count
    }

    private func inScratch(
        _ replay: RejectReplays.Replay, _ body: (String) async throws -> Int
    ) async throws -> Int {
        let path = "\(try await plan.lake.scratch())/replay-\(replay.id)-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let outcome: Result<Int, any Error>
        do {
            outcome = .success(try await body(path))
        } catch {
            outcome = .failure(error)
        }
        try FileManager.default.removeItem(atPath: path)
        return try outcome.get()
    }

    /// Writes the new object's file; records that cannot be told are given back.
    private func write(
        _ replay: RejectReplays.Replay, to path: String, scratch: String
    ) async throws -> Int {
        let key = try await plan.source(
            replay.pipeline, replay.dataset, replay.batch, object: replay.origin,
            isWhole: replay.isWhole)
        guard let key else {
            try await replays.giveBack(replay, lines: nil)
            return 0
        }
        let location = plan.lake.location(of: key)
        if replay.isWhole {
            try FileManager.default.copyItem(atPath: location, toPath: path)
            return replay.records
        }
        let records = try await replays.records(of: replay)
        let wanted = records.compactMap { record in
            record.line.map {
                RecordExtraction.Wanted(
                    line: $0, raw: record.raw, isCounted: !Self.knowsLines.contains(record.stage))
            }
        }
        let object = InputObject(name: String(replay.origin.dropFirst(27)), location: location)
        let extraction = RecordExtraction(
            dataset: try await dataset(of: replay), object: object, scratch: scratch)
        let missing: [Int]
        do {
            missing = try await extraction.write(wanted, to: path)
        } catch let error as EngineError where error.kind == .input {
            // Another try finds no more in it.
            missing = wanted.map(\.line)
        }
        let lost = missing.count + records.count - wanted.count
        if lost > 0 { try await replays.giveBack(replay, lines: missing) }
        return records.count - lost
    }

    /// As the batch's own revision reads its objects.
    private func dataset(of replay: RejectReplays.Replay) async throws -> Dataset {
        let revision = try await replays.revision(of: replay.batch)
        let pipeline = try await plan.catalog.pipeline(replay.pipeline, revision: revision)
        guard let dataset = pipeline.dataset(replay.dataset) else {
            throw CommandError("revision \(revision) has no dataset `\(replay.dataset)`")
        }
        return dataset
    }

    /// The stages that see the object itself; the later ones count its records.
    private static let knowsLines: Set<String> = ["read", "cast", "contract", "key"]
}
