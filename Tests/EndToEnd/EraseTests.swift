import Foundation
import Kit
import Postgres
import Testing

extension EndToEnd {
    @Suite("A person who is to be forgotten")
    struct EraseTests {
        private static let yaml = """
            name: forget
            datasets:
              orders:
                source: {files: forget/orders}
                columns: {customer: text required, n: integer required}
                load: append
              people:
                source: {files: forget/people}
                columns: {customer: text required, city: text, seen: date}
                load: {mode: scd2, key: customer, newest_by: seen}
            """

        @Test("is counted first, and then gone from every place, others are not")
        func erased() async throws {
            let stack = try TestStack.required()
            let folder = try stack.newFolder("forget")
            func write(_ name: String, _ text: String) throws -> String {
                let file = folder.appending(path: name)
                try text.write(to: file, atomically: true, encoding: .utf8)
                return file.path
            }
            _ = try write("pipeline.yaml", Self.yaml)
            #expect(try await stack.millrace("apply", folder.path).code == 0)
            let files = [
                ("orders", "a.csv", "customer,n\nAnn-7,1\nBob-8,2\nAnn-7,x\nAnn-77,3\n"),
                ("orders", "b.csv", "customer,n\nBob-8,4\n"),
                ("people", "c.csv", "customer,city,seen\nAnn-7,Rome,2020-01-01\n"),
                (
                    "people", "d.csv",
                    "customer,city,seen\nAnn-7,Oslo,2021-01-01\nBob-8,,2021-01-01\n"
                ),
            ]
            for (dataset, name, text) in files {
                let answer = try await stack.millrace(
                    "put", "forget", dataset, try write(name, text), "--wait")
                #expect(answer.code == 0, "\(answer.errors)")
            }
            let warehouse = try stack.warehouse()
            let question = """
                select (select count(*) from forget.orders) || ' '
                    || (select count(*) from forget.people) || ' '
                    || (select count(*) from millrace.rejects where pipeline = 'forget' and raw is null)
                """
            let words = ["erase", "forget", "--key", "customer=Ann-7", "--format", "json"]
            let dry = try await stack.millrace(words)
            #expect(try await rows(question, warehouse) == ["4 3 0"])
            let expected = [
                "forget.orders": 1, "forget.people": 2, "millrace.rejects": 1,
                "processed/forget/orders": 1, "processed/forget/people": 2,
                "working/forget/orders": 1, "working/forget/people": 2,
                "quarantine/forget/orders": 1,
            ]
            #expect(try counts(dry) == expected)
            let done = try await stack.millrace(words + ["--yes"])
            #expect(try counts(done) == expected, "\(done.errors)")
            #expect(try await rows(question, warehouse) == ["3 1 1"])
            #expect(try counts(try await stack.millrace(words)).isEmpty)
            let audit = try await rows(
                "select arguments::text from millrace.audit where verb = 'erase' and arguments::text like '%forget%'",
                warehouse)
            #expect(audit.count == 1 && audit[0].contains("customer=sha256:"))
            #expect(!audit[0].contains("Ann"))
            let wrong = try await stack.millrace("erase", "forget", "--key", "custmer=x")
            #expect(wrong.code == 2 && wrong.errors.contains("did you mean `customer`?"))
        }

        private struct Finding: Decodable {
            let place: String
            let count: Int
        }

        /// What there is, by its place.
        private func counts(_ answer: Answer) throws -> [String: Int] {
            try answer.decoded([Finding].self).filter { $0.count > 0 }
                .reduce(into: [:]) { $0[$1.place, default: 0] += $1.count }
        }

        private func rows(_ sql: String, _ warehouse: PostgresPool) async throws -> [String] {
            try await warehouse.query(sql).compactMap { $0.values.first ?? nil }
        }
    }
}
