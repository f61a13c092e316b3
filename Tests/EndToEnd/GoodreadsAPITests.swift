import Foundation
import Kit
import Postgres
import Stack
import Testing

extension EndToEnd {
    @Suite("GoodReads over HTTP")
    struct GoodreadsAPITests {
        /// `make test-api` asks for the large one.
        private static let reviews =
            ProcessInfo.processInfo.environment["MILLRACE_TEST_API"] == "1" ? 10_000 : 300
        /// Calls a second, and the ids that a page of the feed has.
        private static let rate = 100
        /// Between two kills of the ingest.
        private static let lull = Duration.seconds(reviews > 1000 ? 10 : 4)
        /// How long before its end a process may have had an answer that it has not written.
        private static let moment = 1.5
        /// A slow answer takes so much longer.
        private static let slowness = 2.5

        @Test("is all in the warehouse, once and as it is, though answers fail and the ingest dies")
        func killed() async throws {
            let stack = try TestStack.required()
            let warehouse = try stack.warehouse()
            let api = try await SimulatedAPI.start(stack, reviews: Self.reviews, rate: Self.rate)
            let name = try await apply(api, stack)
            var kills: [Date] = []
            var nextKill = ContinuousClock.now + Self.lull
            let expected = try await api.count("reviews")
            try await eventually(within: .seconds(Self.reviews / 8 + 180), "all reviews are there")
            {
                if ContinuousClock.now > nextKill {
                    try stack.kill(.ingest)
                    kills.append(Date())
                    nextKill = ContinuousClock.now + Self.lull
                }
                try await Task.sleep(for: .milliseconds(200))
                return try await Self.count("reviews", name, warehouse) == expected
            }
            #expect(!kills.isEmpty)
            for table in ["reviews", "users", "books", "authors"] {
                let expected = try await api.count(table)
                try await eventually(within: .seconds(60), "\(table) are there") {
                    try await Self.count(table, name, warehouse) == expected
                }
                try await compare(table, api, name, warehouse)
            }
            let rejects = try await warehouse.query(
                "select count(*) as count from millrace.rejects where pipeline = $1", [name])
            #expect(rejects.first?["count"] == "0")
            try checkLog(api, kills: kills)
            try await api.stop()
        }

        /// The pipeline as it is shipped, at the simulator's address and pace.
        private func apply(_ api: SimulatedAPI, _ stack: TestStack) async throws -> String {
            let folder = try stack.newFolder("goodreads-api").appending(path: "goodreads-api")
            try FileManager.default.copyItem(
                at: URL(filePath: TestData.packageRoot).appending(
                    path: "compose/pipelines/goodreads-api"),
                to: folder)
            let file = folder.appending(path: "pipeline.yaml")
            let text = try String(contentsOf: file, encoding: .utf8)
                .replacing("http://127.0.0.1:8642", with: api.url)
                .replacing("    every: 1m\n", with: "    every: 5s\n")
                .replacing("    rate: 1/s\n", with: "    rate: \(Self.rate)/s\n")
            try text.write(to: file, atomically: true, encoding: .utf8)
            let answer = try await stack.millrace("apply", folder.path)
            try #require(answer.code == 0, "\(answer.errors)")
            return "goodreads_api"
        }

        /// Looks for rows that are only in one of both, column by column as the table has them.
        private func compare(
            _ table: String, _ api: SimulatedAPI, _ name: String, _ warehouse: PostgresPool
        ) async throws {
            let json = "[" + (try await api.truth(table)).joined(separator: ",") + "]"
            let columns = try await warehouse.query(
                """
                select string_agg(quote_ident(column_name), ', ' order by ordinal_position) as names
                from information_schema.columns
                where table_schema = $1 and table_name = $2
                    and column_name not in ('record_create_timestamp', '_source_id')
                """, [name, table])
            let names = try #require(columns.first?["names"])
            let own = "\(quotedIdentifier(name)).\(table)"
            let sql = """
                with truth as (select \(names) from jsonb_populate_recordset(null::\(own), $1::jsonb)),
                    there as (select \(names) from \(own)),
                    missing as (select * from truth except all select * from there),
                    surplus as (select * from there except all select * from truth)
                select (select count(*) from missing) as missing, (select count(*) from surplus) as surplus,
                    (select to_jsonb(missing)::text from missing limit 1) as lost,
                    (select to_jsonb(surplus)::text from surplus limit 1) as odd
                """
            let row = try #require(try await warehouse.query(sql, [json]).first)
            #expect(row["missing"] == "0", "\(table): \(row["lost"] ?? "")")
            #expect(row["surplus"] == "0", "\(table): \(row["odd"] ?? "")")
        }

        /// The limit was kept, and only what a dead process had not written was asked for again.
        private func checkLog(_ api: SimulatedAPI, kills: [Date]) throws {
            let log = try api.log()
            #expect(log.filter { $0.status == 429 || $0.status == 401 }.isEmpty)
            var answers: [String: [SimulatedAPI.Request]] = [:]
            for line in log where line.path.hasPrefix("/review/show") {
                let isAnswer = line.status == 200 && line.fault != "cut" || line.fault == "gone"
                guard isAnswer else { continue }
                let last = line.path.split(separator: "/").last.map { String($0.dropLast(4)) }
                answers[line.query["id"] ?? last ?? "", default: []].append(line)
            }
            #expect(answers.count == Self.reviews)
            for (id, answers) in answers {
                for answer in answers.dropLast() {
                    let time = try answer.date
                    let span = Self.moment + (answer.fault == "slow" ? Self.slowness : 0)
                    let isLost = kills.contains {
                        (-0.2...span).contains($0.timeIntervalSince(time))
                    }
                    #expect(isLost, "review \(id) was there at \(answer.time) and asked for again")
                }
            }
        }

        private static func count(
            _ table: String, _ name: String, _ warehouse: PostgresPool
        ) async throws -> Int {
            let there = try await warehouse.query(
                "select to_regclass($1) as name", ["\(name).\(table)"])
            guard there.first?["name"] != nil else { return 0 }
            let rows = try await warehouse.query(
                "select count(*) as count from \(quotedIdentifier(name)).\(table)")
            return try #require(rows.first).integer("count")
        }
    }
}
