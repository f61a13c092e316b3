import Testing

extension EndToEnd {
    @Suite("Made-up traffic")
    struct TrafficTests {
        @Test("gives what its generator knows, in each format", arguments: ["csv", "jsonl"])
        func answers(format: String) async throws {
            let stack = try TestStack.required()
            let pipeline = try await TestPipeline.apply("traffic_\(format)", stack)
            let traffic = try await Traffic.make(stack, rows: 2000, format: format)
            for dataset in TestPipeline.datasets {
                try await pipeline.put(dataset, traffic.file(dataset))
            }
            try await traffic.check(pipeline, stack.warehouse())
        }
    }
}
