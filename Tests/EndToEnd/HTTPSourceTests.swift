import Foundation
import HTTPServer
import Kit
import Postgres
import Stack
import Synchronization
import Testing

extension EndToEnd {
    @Suite("An HTTP source")
    struct HTTPSourceTests {
        @Test("is in the warehouse as it is, and goes on after its ingest was killed")
        func polled() async throws {
            let stack = try TestStack.required()
            let server = try HTTPServer()
            let count = Mutex(25)
            let answer: HTTPServer.Responder = { request in
                Self.answer(request, count: count.withLock { $0 })
            }
            let folder = try stack.newFolder("polled")
            try Self.yaml(server.port).write(
                to: folder.appending(path: "pipeline.yaml"), atomically: true, encoding: .utf8)
            let warehouse = try stack.warehouse()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await server.run(answer) }
                let applied = try await stack.millrace("apply", folder.path)
                #expect(applied.code == 0, "\(applied.errors)")
                try await eventually { try await Self.rows(warehouse) == 25 }
                try stack.kill(.ingest)
                count.withLock { $0 = 40 }
                try await eventually { try await Self.rows(warehouse) == 40 }
                group.cancelAll()
            }
            let sum = try await warehouse.query("select sum(id) as sum from polled.orders")
            #expect(sum.first?["sum"] == "\((1...40).reduce(0, +))")
        }

        private static func rows(_ warehouse: PostgresPool) async throws -> Int {
            let there = try await warehouse.query("select to_regclass('polled.orders') as name")
            guard there.first?["name"] != nil else { return 0 }
            let rows = try await warehouse.query("select count(*) as count from polled.orders")
            return Int((rows.first?["count"] ?? nil) ?? "") ?? 0
        }

        /// Ten records a page, from the cursor on.
        private static func answer(
            _ request: HTTPServerRequest, count: Int
        ) -> HTTPServerResponse {
            guard request.headers["authorization"] == "Bearer end to end" else {
                return HTTPServerResponse("who?", status: 401)
            }
            let first = Int(request.query["from"] ?? "") ?? 1
            let skip = Int(request.query["skip"] ?? "") ?? 0
            let ids = (1...count).filter { $0 >= first }.dropFirst(skip).prefix(10)
            let records = ids.map { "{\"id\": \($0), \"name\": \"order \($0)\"}" }
            return HTTPServerResponse(
                "{\"items\": [\(records.joined(separator: ", "))]}",
                contentType: "application/json")
        }

        private static func yaml(_ port: UInt16) -> String {
            """
            name: polled
            datasets:
              orders:
                source:
                  http:
                    url: http://127.0.0.1:\(port)/orders
                    parameters: {from: "{cursor}"}
                    auth: {bearer: "${secret:end_to_end}"}
                    records: items
                    pages: {offset: skip}
                    cursor: {field: id, type: bigint}
                    every: 1s
                columns:
                  id: bigint required
                  name: text
                load: append
            """
        }
    }
}
