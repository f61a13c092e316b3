import Broker
import Events
import Foundation
import Lake
import Pipelines
import Service
import Synchronization
import Telemetry

@testable import lander

/// A lake that counts how often its keys are listed: each time is a request where the lake is S3.
final class CountingStore: ObjectStore {
    private let lake: any ObjectStore
    private let count = Mutex(0)

    init(_ lake: any ObjectStore) {
        self.lake = lake
    }

    /// In pages of 1,000 keys.
    var lists: Int { count.withLock { $0 } }

    func list(
        prefix: String, after marker: String?, limit: Int
    ) async throws(LakeError) -> [ObjectInfo] {
        let page = try await lake.list(prefix: prefix, after: marker, limit: limit)
        count.withLock { $0 += max(1, (page.count + 999) / 1_000) }
        return page
    }

    func put(_ bytes: Data, at key: String) async throws(LakeError) {
        try await lake.put(bytes, at: key)
    }
    func putIfAbsent(_ bytes: Data, at key: String) async throws(LakeError) -> Bool {
        try await lake.putIfAbsent(bytes, at: key)
    }
    func put(fileAt path: String, at key: String) async throws(LakeError) {
        try await lake.put(fileAt: path, at: key)
    }
    func get(_ key: String, limitBytes: Int) async throws(LakeError) -> Data {
        try await lake.get(key, limitBytes: limitBytes)
    }
    func sha256(of key: String) async throws(LakeError) -> String { try await lake.sha256(of: key) }
    func info(_ key: String) async throws(LakeError) -> ObjectInfo? { try await lake.info(key) }
    func move(_ source: String, to target: String) async throws(LakeError) -> Bool {
        try await lake.move(source, to: target)
    }
    func delete(_ keys: [String]) async throws(LakeError) { try await lake.delete(keys) }
    func location(of key: String) -> String { lake.location(of: key) }
    func scratch() async throws(LakeError) -> String { try await lake.scratch() }
    func removeLeftovers(before date: Date) async throws(LakeError) -> [String] {
        try await lake.removeLeftovers(before: date)
    }
    func check() async throws(LakeError) { try await lake.check() }
}

/// A sweep over any lake.
struct SweepBench {
    let publisher = RecordingPublisher()
    let sweep: Sweep

    init(_ lake: any ObjectStore) async throws {
        let context = ServiceContext(
            name: "lander", host: "here", log: Log(service: "lander", threshold: .error),
            metrics: Metrics(), publisher: publisher)
        _ = try await PipelineCatalog(lake: lake).apply(Bench.shop)
        sweep = Sweep(
            lake: lake, catalog: PipelineCatalog(lake: lake), context: context, age: 60,
            fullPeriod: .seconds(3600))
    }

    var landed: [ObjectLanded] {
        get throws { try publisher.events(of: .objectLanded).map { try $0.payload() } }
    }
}
