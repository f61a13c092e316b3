import Foundation
import Postgres
import Stack
import Testing

extension EndToEnd {
    @Suite("A drill")
    struct DrillTests {
        @Test("proves that nothing is lost or doubled", arguments: ["kill-loader"])
        func held(name: String) async throws {
            let stack = try TestStack.required()
            let answer = try await stack.millrace(
                "drill", name, "--seed", "1", "--rows", "20000", "--format", "json")
            #expect(answer.code == 0, "\(answer.text)\(answer.errors)")
            let receipt = try answer.decoded(Receipt.self)
            #expect(receipt.held)
            #expect(receipt.sent >= 20_000)
            #expect(receipt.lost == 0)
            #expect(receipt.duplicated == 0)
            #expect(receipt.faults[name, default: 0] > 0)
            try await checkGone(receipt.pipeline, stack)
        }

        @Test("names those that there are, and the nearest one to a name that is wrong")
        func names() async throws {
            let stack = try TestStack.required()
            let list = try await stack.millrace("drill", "--list")
            #expect(list.text.contains("kill-loader") && list.text.contains("storm"))
            let wrong = try await stack.millrace("drill", "kill-loadr")
            #expect(wrong.code == 2)
            #expect(wrong.errors.contains("kill-loader"))
        }

        /// Nothing of it is left.
        private func checkGone(_ pipeline: String, _ stack: TestStack) async throws {
            let rows = try await stack.warehouse().query(
                """
                select (select count(*) from millrace.ledger where pipeline = $1)
                    + (select count(*) from pg_namespace where nspname = $1) as count
                """, [pipeline])
            #expect(try rows.first?.integer("count") == 0)
            let applied = "\(stack.folder.lake)/pipelines/\(pipeline)"
            #expect(!FileManager.default.fileExists(atPath: applied))
        }

        struct Receipt: Decodable {
            let pipeline: String
            let held: Bool
            let sent: Int
            let lost: Int
            let duplicated: Int
            let faults: [String: Int]
        }
    }
}
