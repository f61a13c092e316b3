import Events
import Foundation
import Lake
import Pipelines
import Testing

@Suite("The catalog of pipelines")
struct PipelineCatalogTests {
    private func pipeline(_ name: String = "shop") throws -> Pipeline {
        var pipeline = try #require(try lint(yaml()).pipeline)
        pipeline.name = name
        return pipeline
    }

    @Test("knows what was applied, by name and by revision")
    func applied() async throws {
        let lake = MemoryStore()
        let shop = try pipeline()
        let revision = try await PipelineCatalog(lake: lake).apply(shop)
        let catalog = PipelineCatalog(lake: lake)
        let current = try #require(try await catalog.current("shop"))
        #expect(current.revision == revision)
        #expect(current.pipeline == shop)
        #expect(try await catalog.pipeline("shop", revision: revision) == shop)
        #expect(try await catalog.current("nothing") == nil)
    }

    @Test("keeps old revisions when a new one becomes current")
    func revisions() async throws {
        let catalog = PipelineCatalog(lake: MemoryStore())
        var shop = try pipeline()
        let first = try await catalog.apply(shop)
        shop.description = "Another one"
        let second = try await catalog.apply(shop)
        #expect(first != second)
        #expect(try await catalog.current("shop")?.revision == second)
        #expect(try await catalog.pipeline("shop", revision: first).description == nil)
        // Going back is applying again.
        shop.description = nil
        #expect(try await catalog.apply(shop) == first)
        #expect(try await catalog.current("shop")?.revision == first)
    }

    @Test("names all pipelines, sorted")
    func names() async throws {
        let catalog = PipelineCatalog(lake: MemoryStore())
        for name in ["shop", "bank", "zoo"] { _ = try await catalog.apply(pipeline(name)) }
        #expect(try await catalog.names() == ["bank", "shop", "zoo"])
    }

    @Test("says of an unknown revision that no retry will help")
    func unknown() async throws {
        let catalog = PipelineCatalog(lake: MemoryStore())
        let error = await #expect(throws: HandlingError.self) {
            try await catalog.pipeline("shop", revision: "0123456789ab")
        }
        #expect(error?.disposition == .permanent)
        #expect(error?.errorClass == "pipeline.unknown")
    }

    @Test("says the same of a revision that cannot be read")
    func unreadable() async throws {
        let lake = MemoryStore()
        try await lake.put(Data("{".utf8), at: LakeKeys.revision("shop", "0123456789ab"))
        let error = await #expect(throws: HandlingError.self) {
            try await PipelineCatalog(lake: lake).pipeline("shop", revision: "0123456789ab")
        }
        #expect(error?.errorClass == "pipeline.unreadable")
    }
}
