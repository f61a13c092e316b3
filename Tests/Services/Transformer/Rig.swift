import Broker
import Engine
import Events
import Foundation
import Kit
import Lake
import Pipelines
import Service
import Telemetry

@testable import transformer

/// A transformer's core over a real lake, without a broker.
struct Rig {
    static let program = ProcessInfo.processInfo.environment["MILLRACE_DUCKDB"]
    static let isReady = program != nil

    let lake: any ObjectStore
    let revision: String
    let handler: Transforming
    private let engine: any Engine

    /// - Parameter engine: The real one by default.
    static func with<Value>(
        engine: any Engine = DuckDBEngine(program: program ?? "duckdb"),
        _ body: (Rig) async throws -> Value
    ) async throws -> Value {
        try await withFolder { folder in
            let lake = try LakeAddress.open("file://\(folder)/lake")
            return try await body(try await Rig(lake, engine))
        }
    }

    /// With the real engine, but its program is killed when it is given an object of that name.
    static func withProgram<Value>(
        dyingOf name: String, _ body: (Rig) async throws -> Value
    ) async throws -> Value {
        try await withFolder { folder in
            let path = "\(folder)/duckdb"
            let script = """
                #!/bin/sh
                for word in "$@"; do
                    if test -f "$word" && grep -q -- '-\(name)' "$word"; then kill -9 $$; fi
                done
                exec "\(program ?? "duckdb")" "$@"
                """
            try Data(script.utf8).write(to: URL(filePath: path))
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755], ofItemAtPath: path)
            return try await with(engine: DuckDBEngine(program: path), body)
        }
    }

    private init(_ lake: any ObjectStore, _ engine: any Engine) async throws {
        self.lake = lake
        self.engine = engine
        revision = try await PipelineCatalog(lake: lake).apply(Self.pipeline)
        handler = Self.transformer(lake, engine)
    }

    /// Another transformer, over a lake that is this one underneath.
    func transformer(over lake: any ObjectStore) -> Transforming {
        Self.transformer(lake, engine)
    }

    private static func transformer(_ lake: any ObjectStore, _ engine: any Engine) -> Transforming {
        Transforming(
            lake: lake, catalog: PipelineCatalog(lake: lake), engine: engine,
            context: context(RecordingPublisher()))
    }

    static func context(_ publisher: any EventPublisher) -> ServiceContext {
        ServiceContext(
            name: "transformer", host: "test", log: Log(service: "test") { _ in },
            metrics: Metrics(), publisher: publisher)
    }

    func keys(_ prefix: String) async throws -> [String] {
        try await lake.list(prefix: prefix, after: nil, limit: 1_000).map(\.key)
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
        return try await PipelineCatalog(lake: lake).apply(pipeline)
    }

    func facts(_ events: [Event]) throws -> BatchFacts? {
        try events.first?.payload(BatchTransformed.self).facts
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
                ], transform: nil,
                load: Load(mode: .merge, key: ["id"], newestBy: nil), checks: [])
        ], models: [])
}
