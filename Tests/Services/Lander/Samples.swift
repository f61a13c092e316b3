import Broker
import Events
import Foundation
import Kit
import Lake
import Pipelines
import Service
import Spool
import Telemetry
import Testing

@testable import lander

/// A lander's parts over empty folders.
struct Bench: Sendable {
    let path: String
    let lake: DirectoryStore
    let spool: Spool
    let publisher = RecordingPublisher()
    let context: ServiceContext
    let landing: SegmentLanding
    let sweep: Sweep

    init(_ path: String, age: TimeInterval = -1) {
        self.path = path
        lake = DirectoryStore(root: path + "/lake")
        spool = Spool(directory: path + "/spool")
        context = ServiceContext(
            name: "lander", host: "here", log: Log(service: "lander", threshold: .error),
            metrics: Metrics(), publisher: publisher)
        landing = SegmentLanding(lake: lake, spool: spool, context: context)
        sweep = Sweep(
            lake: lake, catalog: PipelineCatalog(lake: lake), context: context, age: age,
            fullPeriod: .seconds(3600))
    }

    /// A segment in the spool.
    func segment(_ text: String = "id\n1\n", host: String = "here") async throws -> Segment {
        let file = path + "/\(UUID().uuidString)"
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        let label = SegmentLabel(
            pipeline: "shop", revision: "0123456789ab", dataset: "orders", host: host,
            name: "a b.csv")
        return try #require(try await spool.take(fileAt: file, as: label))
    }

    /// Applies a pipeline `shop` with a dataset `orders`.
    func apply() async throws -> String { try await PipelineCatalog(lake: lake).apply(Self.shop) }

    static let shop = Pipeline(
        name: "shop", description: nil, schema: "shop", parameters: [],
        datasets: [
            Dataset(
                name: "orders",
                source: .files(
                    FilesSource(path: "orders", patterns: ["*"], settleMilliseconds: 100)),
                format: .csv(CSVFormat()), columns: [Column(name: "id", field: "id", type: .text)],
                transform: nil,
                load: Load(mode: .append, key: [], newestBy: nil), checks: [])
        ], models: [])

    func keys(_ prefix: String = "landing/") async throws -> [String] {
        try await lake.list(prefix: prefix, after: nil, limit: 1000).map(\.key)
    }

    /// What was told of objects in the landing zone.
    var landed: [ObjectLanded] {
        get throws { try publisher.events(of: .objectLanded).map { try $0.payload() } }
    }
}

func withBench(
    age: TimeInterval = -1, _ body: (Bench) async throws -> Void
) async throws {
    try await withFolder { try await body(Bench($0, age: age)) }
}
