import Engine
import Events
import Foundation
import Kit
import Lake
import Pipelines
import Service
import Telemetry

@testable import transformer

/// A transformer's core over a real lake and the real engine, without a broker.
struct Rig {
    static let program = ProcessInfo.processInfo.environment["MILLRACE_DUCKDB"]
    static let isReady = program != nil

    let lake: any ObjectStore
    let catalog: PipelineCatalog
    let revision: String
    let handler: Transforming

    static func with<Value>(_ body: (Rig) async throws -> Value) async throws -> Value {
        try await withFolder { folder in
            let lake = try LakeAddress.open("file://\(folder)/lake")
            return try await body(try await Rig(lake))
        }
    }

    private init(_ lake: any ObjectStore) async throws {
        self.lake = lake
        catalog = PipelineCatalog(lake: lake)
        revision = try await catalog.apply(Self.pipeline)
        let context = ServiceContext(
            name: "transformer", host: "test", log: Log(service: "test", threshold: .error),
            metrics: Metrics(), publisher: Silence())
        handler = Transforming(
            lake: lake, catalog: catalog, engine: DuckDBEngine(program: Self.program ?? "duckdb"),
            context: context)
    }

    /// Puts an object into the landing zone and gives the event that says so.
    func land(_ name: String, _ text: String, id: ULID = ULID()) async throws -> Event {
        let key = LakeKeys.landing("shop", "books", at: Date(), id: id, name: name)
        try await lake.put(Data(text.utf8), at: key)
        let landed = ObjectLanded(
            pipeline: "shop", revision: revision, dataset: "books", object: key,
            bytes: text.utf8.count, sha256: nil, times: [.landed: Date()])
        return try Event(landed, id: "\(id).landed", from: "/test")
    }

    /// Applies the pipeline with a change that matters to nobody.
    func applyAgain() async throws -> String {
        var pipeline = Self.pipeline
        pipeline.description = "again"
        return try await catalog.apply(pipeline)
    }

    func facts(_ events: [Event]) throws -> BatchFacts? {
        try events.first?.payload(BatchTransformed.self).facts
    }

    private struct Silence: EventPublisher {
        func publish(_ events: [Event]) async throws {}
    }

    private static let pipeline = Pipeline(
        name: "shop", description: nil, schema: "shop", parameters: [],
        datasets: [
            Dataset(
                name: "books",
                source: .files(
                    FilesSource(path: "in", patterns: ["*"], settleMilliseconds: 100)),
                format: .byName(CSVFormat()),
                columns: [
                    Column(name: "id", field: "id", type: .integer, isRequired: true),
                    Column(name: "title", field: "title", type: .text),
                ], unknownFields: .refuse, transform: nil,
                load: Load(mode: .merge, key: ["id"], newestBy: nil), checks: [])
        ], models: [])
}
