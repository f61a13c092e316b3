import Foundation
import Kit
import Postgres
import Testing

extension EndToEnd {
    @Suite("Rejects")
    struct RejectTests {
        /// A dataset whose `n` is at most a limit.
        private static func yaml(_ name: String, max: Int, more: String = "") -> String {
            """
            name: \(name)
            datasets:
              things:
                source: {files: \(name)}
                columns:
                  id: bigint required
                  n: {type: integer, max: \(max)}
                load: append
                \(more)
            """
        }

        @Test("go the way again under the next revision, once, and the balance holds")
        func replay() async throws {
            let stack = try TestStack.required()
            let folder = try stack.newFolder("replayed")
            try await apply(Self.yaml("replayed", max: 10), in: folder, stack)
            let file = folder.appending(path: "things.csv")
            let text = "id,n\n1,5\n2,50\n\"3\",\"60\"\n4,x\n5,7\n"
            try text.write(to: file, atomically: true, encoding: .utf8)
            let put = try await stack.millrace("put", "replayed", "things", file.path, "--wait")
            #expect(put.code == 0, "\(put.errors)")
            let strange = folder.appending(path: "strange.csv")
            try "id,n,extra\n8,8,8\n9,9,9\n".write(to: strange, atomically: true, encoding: .utf8)
            #expect(
                try await stack.millrace("put", "replayed", "things", strange.path, "--wait").code
                    == 3)

            try await apply(
                Self.yaml("replayed", max: 100, more: "contract: {new_columns: discard_value}"),
                in: folder, stack)
            let dry = try await stack.millrace(
                "rejects", "replay", "--pipeline", "replayed.things", "--dry-run")
            #expect(dry.code == 0 && dry.text.contains("would be sent"), "\(dry.text)\(dry.errors)")
            for _ in 0..<2 {
                let answer = try await stack.millrace(
                    "rejects", "replay", "--pipeline", "replayed.things", "--reason", "out_of_range"
                )
                #expect(answer.code == 0, "\(answer.text)\(answer.errors)")
            }
            let whole = try await stack.millrace(
                "rejects", "replay", "--pipeline", "replayed", "--reason", "unknown_column")
            #expect(whole.code == 0, "\(whole.text)\(whole.errors)")
            let warehouse = try stack.warehouse()
            try await eventually(within: .seconds(60), "the replays are published") {
                try await rows("select id from replayed.things order by id", warehouse)
                    == ["1", "2", "3", "5", "8", "9"]
            }
            let balance = """
                select concat_ws(' ', read, published, superseded, filtered, rejected, under_way)
                from millrace.replayed where pipeline = 'replayed' order by object
                """
            #expect(try await rows(balance, warehouse) == ["5 4 0 0 1 0", "2 2 0 0 0 0"])

            let export = try await stack.millrace("rejects", "export", "--pipeline", "replayed")
            #expect(export.text.contains("\"bad_value\"") && export.text.contains("\"x\""))
            let discard = try await stack.millrace(
                "rejects", "discard", "--pipeline", "replayed", "--yes")
            #expect(discard.code == 0 && discard.errors.contains("1 reject discarded"))
            let audit = try await rows(
                "select verb from millrace.audit where verb like 'rejects%' order by 1", warehouse)
            #expect(Set(audit) == ["rejects discard", "rejects replay"])
        }

        @Test("beyond the limit refuse the batch, with how many and why")
        func limit() async throws {
            let stack = try TestStack.required()
            let folder = try stack.newFolder("limited")
            try await apply(
                Self.yaml("limited", max: 10, more: "max_rejected: 20%"), in: folder, stack)
            let file = folder.appending(path: "things.csv")
            try "id,n\n1,5\n2,50\n3,x\n4,4\n".write(to: file, atomically: true, encoding: .utf8)
            let put = try await stack.millrace("put", "limited", "things", file.path, "--wait")
            #expect(put.code == 3)
            let warehouse = try stack.warehouse()
            let reasons = try await rows(
                "select reasons[1] from millrace.runs where pipeline = 'limited'", warehouse)
            #expect(
                reasons == [
                    "2 of 4 records were rejected, and max_rejected is 20%: 1 bad_value in `n`, "
                        + "1 out_of_range in `n`"
                ])
            try await eventually(within: .seconds(30), "an alert tells of it") {
                try await !rows(
                    """
                    select 1 from millrace.alerts
                    where pipeline = 'limited' and topic = 'batch_refused'
                    """, warehouse
                ).isEmpty
            }
        }

        private func apply(_ yaml: String, in folder: URL, _ stack: TestStack) async throws {
            let file = folder.appending(path: "pipeline.yaml")
            try yaml.write(to: file, atomically: true, encoding: .utf8)
            let answer = try await stack.millrace("apply", folder.path)
            try #require(answer.code == 0, "\(answer.errors)")
        }

        private func rows(_ sql: String, _ warehouse: PostgresPool) async throws -> [String] {
            try await warehouse.query(sql).compactMap { $0.values.first ?? nil }
        }
    }
}
