import Events
import Foundation
import Lake
import Pipelines
import Service
import Telemetry

/// Looks at the landing zone now and then: nothing that lies there is forgotten.
///
/// Several landers may sweep one lake: an object is told of under one id by all, and of two that
/// adopt a file, one gets it.
actor Sweep {
    /// The most objects of a dataset told of in one sweep. A batch takes the others along.
    private static let limit = 20
    /// The most foreign files that are kept an eye on; the others have their turn later.
    private static let sightLimit = 50_000
    /// An object that is older and still there has perhaps lost its event.
    private let age: TimeInterval
    private let fullPeriod: Duration

    private let lake: any ObjectStore
    private let catalog: PipelineCatalog
    private let context: ServiceContext
    private let adoption: Adoption
    private var patience = Patience()
    /// Foreign files as the last sweep saw them.
    private var sights: [String: ObjectInfo] = [:]
    private var complaints: Set<String> = []
    private var nextFull = ContinuousClock.now

    /// - Parameters:
    ///   - age: Of objects that the sweep tells of, in seconds.
    ///   - fullPeriod: How often a sweep reads every key.
    init(
        lake: any ObjectStore, catalog: PipelineCatalog, context: ServiceContext,
        age: TimeInterval, fullPeriod: Duration
    ) {
        self.lake = lake
        self.catalog = catalog
        self.context = context
        self.age = age
        self.fullPeriod = fullPeriod
        adoption = Adoption(lake: lake)
    }

    /// Tells of forgotten objects and adopts foreign ones, once.
    func sweep() async throws {
        let isFull = ContinuousClock.now >= nextFull
        var walk = LandingWalk(lake: lake, isFull: isFull)
        var state = State(newest: ULID(at: Date(timeIntervalSinceNow: -age)))
        while case let page = try await walk.next(), let last = page.last {
            try await context.publisher.publish(try await events(of: page, &state))
            if let folder = LandingFolder(of: last.key), state.isNoDataset(folder) {
                walk.skip(folder)
            }
        }
        patience.forgetOthers()
        sights = state.sights
        // A foreign file that only a full sweep finds has to be seen by a second one.
        if isFull && !state.hasNewSights { nextFull = .now + fullPeriod }
    }

    /// What one sweep knows so far.
    private struct State {
        let newest: ULID
        /// Nil for a folder that is no dataset's.
        var revisions: [LandingFolder: String?] = [:]
        var told: [LandingFolder: Int] = [:]
        var sights: [String: ObjectInfo] = [:]
        var hasNewSights = false

        func isNoDataset(_ folder: LandingFolder) -> Bool {
            revisions[folder].map { $0 == nil } ?? false
        }
    }

    private func events(of page: [ObjectInfo], _ state: inout State) async throws -> [Event] {
        var events: [Event] = []
        var due: [LandingFolder: [ObjectInfo]] = [:]
        for object in page {
            guard let folder = LandingFolder(of: object.key) else {
                complain(object.key, "it is in no folder landing/<pipeline>/<dataset>/")
                continue
            }
            guard let revision = try await revision(of: folder, &state) else { continue }
            if let (_, id) = LakeKeys.landed(object.key) {
                if id < state.newest, patience.isDue(object.key) {
                    due[folder, default: []].append(object)
                }
            } else if let adopted = try await meet(object, in: folder, &state) {
                events.append(try event(adopted, folder, revision))
            }
        }
        for (folder, objects) in due {
            guard let revision = try await revision(of: folder, &state) else { continue }
            let count = Self.limit - state.told[folder, default: 0]
            for object in Self.spread(objects, count) {
                patience.begin(object.key)
                events.append(try event(object, folder, revision))
                state.told[folder, default: 0] += 1
            }
        }
        return events
    }

    /// Some of many, at equal distances: a batch takes the neighbours of its object along.
    private static func spread(_ objects: [ObjectInfo], _ count: Int) -> [ObjectInfo] {
        guard count > 0, objects.count > count else { return count > 0 ? objects : [] }
        return (0..<count).map { objects[$0 * objects.count / count] }
    }

    private func revision(
        of folder: LandingFolder, _ state: inout State
    ) async throws -> String? {
        if let known = state.revisions[folder] { return known }
        let (revision, pipeline) = try await catalog.current(folder.pipeline) ?? (nil, nil)
        guard let revision, pipeline?.dataset(folder.dataset) != nil else {
            complain(folder.prefix, "no applied pipeline has this dataset")
            state.revisions[folder] = .some(nil)
            return nil
        }
        state.revisions[folder] = revision
        return revision
    }

    /// - Returns: The object under its own key, if it was adopted now.
    private func meet(
        _ object: ObjectInfo, in folder: LandingFolder, _ state: inout State
    ) async throws -> ObjectInfo? {
        guard !adoption.isUnfinished(object), state.sights.count < Self.sightLimit else {
            return nil
        }
        state.sights[object.key] = object
        guard sights[object.key] == object else {
            state.hasNewSights = true
            return nil
        }
        do {
            guard let adopted = try await adoption.adopt(object, in: folder) else { return nil }
            state.sights[object.key] = nil
            context.log.info("file adopted", ["file": object.key, "object": adopted.key])
            return adopted
        } catch let error as LakeError where error.disposition == .permanent {
            complain(object.key, "\(error)")
            return nil
        }
    }

    private func event(
        _ object: ObjectInfo, _ folder: LandingFolder, _ revision: String
    ) throws -> Event {
        guard let (_, id) = LakeKeys.landed(object.key) else {
            preconditionFailure("`\(object.key)` is no key of the lander's")
        }
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
