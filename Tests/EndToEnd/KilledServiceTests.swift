import Foundation
import Kit
import Postgres
import Stack
import Testing

extension EndToEnd {
    @Suite("A service that is killed in the middle of a load")
    struct KilledServiceTests {
        @Test("loses nothing and doubles nothing", arguments: StackPart.services)
        func killed(service: StackPart) async throws {
            let stack = try TestStack.required()
            let warehouse = try stack.warehouse()
            let pipeline = try await TestPipeline.apply("killed_\(service.rawValue)", stack)
            let traffic = try await Traffic.make(stack, rows: Self.rows)
            for dataset in TestPipeline.datasets { try pipeline.drop(traffic.file(dataset)) }
            try await waitForWork(of: service, pipeline, warehouse)
            let before = try stack.kill(service)
            try await eventually(within: .seconds(Self.rows / 200 + 120), "all is loaded") {
                try await pipeline.number(
                    "select count(*) from millrace.ledger where pipeline = '\(pipeline.name)'",
                    warehouse) == traffic.answers.tables.count
            }
            try await traffic.check(pipeline, warehouse)
            try await eventually(within: .seconds(30), "\(service) runs again") {
                let after = try StackState.read(stack.folder)?.parts[service.rawValue]
                return after?.condition == .ready && after?.processes.first?.id != before
            }
        }

        /// The moment at which the service has its hands full.
        private func waitForWork(
            of service: StackPart, _ pipeline: TestPipeline, _ warehouse: PostgresPool
        ) async throws {
            switch service {
            case .ingest:
                break
            case .lander, .transformer:
                let inbox = "\(stack(pipeline).inbox)/\(pipeline.name)"
                try await eventually(within: .seconds(60), "a file is captured") {
                    try FileManager.default.contentsOfDirectory(atPath: inbox).count
                        < TestPipeline.datasets.count
                }
            default:
                try await eventually(within: .seconds(120), "a batch is on its way") {
                    try await pipeline.number(
                        "select count(*) from millrace.runs where pipeline = '\(pipeline.name)'",
                        warehouse) > 0
                }
            }
        }

        private func stack(_ pipeline: TestPipeline) -> StackFolder { pipeline.stack.folder }

        /// `make test-kills` asks for the large load.
        private static let rows =
            ProcessInfo.processInfo.environment["MILLRACE_TEST_KILLS"] == "1" ? 200_000 : 20_000
    }
}
