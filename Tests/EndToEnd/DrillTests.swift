import Foundation
import Glibc
import Kit
import Postgres
import Processes
import Stack
import Testing

extension EndToEnd {
    @Suite("A drill")
    struct DrillTests {
        @Test(
            "proves that nothing is lost or doubled",
            arguments: ["kill-loader", "drop-ack", "warehouse-kill"])
        func held(name: String) async throws {
            let receipt = try await receipt(name, "--rows", "10000")
            #expect(receipt.faults[name, default: 0] > 0)
        }

        @Test("of all faults at random proves the same")
        func storm() async throws {
            let receipt = try await receipt("storm", "--rows", "20000", "--for", "20s")
            #expect(receipt.faults.count > 1)
        }

        @Test("that is interrupted undoes what it did to the stack")
        func interrupted() async throws {
            let stack = try TestStack.required()
            let drill = try await stack.start(
                "drill", "warehouse-down", "--seed", "1", "--rows", "1000", "--for", "10m")
            let hold = "\(stack.folder.path)/hold/warehouse"
            try await eventually(within: .seconds(120), "the warehouse is held down") {
                FileManager.default.fileExists(atPath: hold)
            }
            drill.signal(SIGINT)
            let answer = Answer(try await drill.wait())
            #expect(answer.code == 130, "\(answer.text)\(answer.errors)")
            #expect(answer.errors.contains("undone: let the warehouse come back"))
            #expect(!FileManager.default.fileExists(atPath: hold))
            try await eventually(within: .seconds(120), "the warehouse is back") {
                try StackState.read(stack.folder)?.parts["warehouse"]?.condition == .ready
            }
        }

        /// The receipt of a drill that has held, and has left nothing behind.
        private func receipt(_ words: String...) async throws -> Receipt {
            let stack = try TestStack.required()
            let answer = try await stack.millrace(
                ["drill"] + words + ["--seed", "1", "--format", "json"])
            #expect(answer.code == 0, "\(answer.text)\(answer.errors)")
            let receipt = try answer.decoded(Receipt.self)
            #expect(receipt.held)
            #expect(receipt.sent > 0)
            #expect(receipt.lost == 0)
            #expect(receipt.duplicated == 0)
            try await checkGone(receipt.pipeline, stack)
            return receipt
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
