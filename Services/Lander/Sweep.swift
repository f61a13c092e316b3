import Events
import Foundation
import Lake
import Pipelines
import Service
import Spool
import Telemetry

/// Looks at the landing zone every few seconds: nothing that lies there is forgotten.
actor Sweep {
    private static let period = Duration.seconds(10)
    /// The most objects of a dataset told of in one sweep. A batch takes the others along.
    private static let limit = 20
    /// An object that is older and still there has perhaps lost its event.
    private let age: TimeInterval

    private let lake: any ObjectStore
    private let catalog: PipelineCatalog
    private let spool: Spool
    private let context: ServiceContext
    private let adoption: Adoption
    private var patience = Patience()
    /// Foreign files as the last sweep saw them.
    private var sights: [String: ObjectInfo] = [:]
    private var complaints: Set<String> = []

    init(
        lake: any ObjectStore, catalog: PipelineCatalog, spool: Spool, context: ServiceContext,
        age: TimeInterval = 10
    ) {
        self.lake = lake
        self.catalog = catalog
        self.spool = spool
        self.context = context
        self.age = age
        adoption = Adoption(lake: lake)
    }

    /// Sweeps until it is cancelled. A sweep that fails is logged; the next one tries again.
    func run() async throws {
        while true {
            do {
                try await sweep()
                try await spool.forgetFinished(before: Date(timeIntervalSinceNow: -86_400))
            } catch is CancellationError {
                return
            } catch {
                context.log.warning("sweep not finished", ["error": "\(error)"])
            }
            try await Task.sleep(for: Self.period)
        }
    }

    /// Tells of forgotten objects and adopts foreign ones, once.
    func sweep() async throws {
        let contents = try await LandingFolders(lake: lake).contents()
        for key in contents.strays {
            complain(key, "it is in no folder landing/<pipeline>/<dataset>/")
        }
        var seen = Seen()
        for folder in contents.folders {
            guard let revision = try await revision(of: folder) else { continue }
            let events = try await look(at: folder, revision, &seen)
            try await context.publisher.publish(events)
        }
        patience.keep(seen.landed)
        sights = seen.foreign
    }

    /// What one sweep has met.
    private struct Seen {
        var landed: Set<String> = []
        var foreign: [String: ObjectInfo] = [:]
    }

    private func revision(of folder: LandingFolders.Folder) async throws -> String? {
        guard let (revision, pipeline) = try await catalog.current(folder.pipeline),
            pipeline.dataset(folder.dataset) != nil
        else {
            complain(folder.prefix, "no applied pipeline has this dataset")
            return nil
        }
        return revision
    }

    private func look(
        at folder: LandingFolders.Folder, _ revision: String, _ seen: inout Seen
    ) async throws -> [Event] {
        let newest = ULID(at: Date(timeIntervalSinceNow: -age))
        var events: [Event] = []
        var marker: String?
        while true {
            let page = try await lake.list(prefix: folder.prefix, after: marker, limit: 1000)
            for object in page {
                if let (_, id) = LakeKeys.landed(object.key) {
                    seen.landed.insert(object.key)
                    guard id < newest, events.count < Self.limit, patience.isDue(object.key) else {
                        continue
                    }
                    events.append(try event(object, id, folder, revision))
                } else if let adopted = try await meet(object, in: folder, &seen),
                    let (_, id) = LakeKeys.landed(adopted.key)
                {
                    events.append(try event(adopted, id, folder, revision))
                }
            }
            guard page.count == 1000, let last = page.last else { return events }
            marker = last.key
        }
    }

    /// - Returns: The object under its own key, if it was adopted now.
    private func meet(
        _ object: ObjectInfo, in folder: LandingFolders.Folder, _ seen: inout Seen
    ) async throws -> ObjectInfo? {
        guard !adoption.isUnfinished(object) else { return nil }
        seen.foreign[object.key] = object
        guard sights[object.key] == object else { return nil }
        do {
            guard let adopted = try await adoption.adopt(object, in: folder) else { return nil }
            context.log.info(
                "file adopted", ["file": object.key, "object": adopted.key])
            return adopted
        } catch let error as LakeError where error.disposition == .permanent {
            complain(object.key, "\(error)")
            return nil
        }
    }

    private func event(
        _ object: ObjectInfo, _ id: ULID, _ folder: LandingFolders.Folder, _ revision: String
    ) throws -> Event {
        let now = Date()
        let landed = ObjectLanded(
            pipeline: folder.pipeline, revision: revision, dataset: folder.dataset,
            object: object.key, bytes: object.bytes, sha256: nil,
            times: [.arrived: min(object.modifiedAt, now), .landed: now])
        return try Event(landed, id: LandedID.text(id), from: context.source)
    }

    private func complain(_ key: String, _ reason: String) {
        guard complaints.count < 10_000, complaints.insert("\(key) \(reason)").inserted else {
            return
        }
        context.log.warning("left in the landing zone", ["object": key, "reason": reason])
    }
}
