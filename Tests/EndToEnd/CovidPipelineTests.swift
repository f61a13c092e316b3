import Foundation
import Kit
import Postgres
import Testing

extension EndToEnd {
    @Suite(
        "The real COVID-19 files",
        .enabled(
            if: TestData.path("covid19/hospital_beds_full") != nil,
            "needs the data of covid19 in MILLRACE_TEST_DATA"),
        .enabled(if: TestPython.isAvailable, Comment(rawValue: TestPython.missing)),
        .timeLimit(.minutes(5)))
    struct CovidPipelineTests {
        /// The editions of the tests, the oldest first. The last one is a download that was cut.
        private static let editions = [
            "states_daily_versions/states_daily_4pm_et_2020-04-12.csv",
            "states_daily_versions/states_daily_2020-06.csv",
            "truncated_downloads/states_daily.truncated.csv",
        ]
        private static let cases = "truncated_downloads/Enigma-JHU.csv.truncated.gz"
        private static let hospitals =
            "hospital_beds_full/Definitive_Healthcare__USA_Hospital_Beds.csv"
        private static let cutHospitals = "truncated_downloads/usa-hospital-beds.truncated.ndjson"
        private static let tables = [
            "jhu", "states_daily", "states", "jhu_state_days", "state_days", "dim_region",
            "dim_date", "fact_covid", "unmatched_days",
        ]
        /// Answers the fact's rows by a way of its own: its arguments are the cases, the states'
        /// names and the editions, the oldest first.
        private static let independentCount = #"""
            import csv, io, sys, zlib

            def records(text):
                # A record that is cut has None in place of its last fields.
                rows = csv.DictReader(io.StringIO(text, newline=""))
                return [row for row in rows if None not in row.values()]

            def plain(path):
                return open(path, encoding="utf-8-sig", newline="").read()

            def number(text):
                return None if text in ("", "NA") else int(text)

            def total(values):
                known = [value for value in values if value is not None]
                return sum(known) if known else None

            jhu, names, *editions = sys.argv[1:]
            tests, fips = {}, {}
            for path in editions:
                for row in records(plain(path)):
                    fips[row["state"]] = row["fips"]
                    tests[row["fips"], row["date"]] = row
            states = {row["State"]: fips[row["Abbreviation"]] for row in records(plain(names))}
            for name, letters in [
                ("American Samoa", "AS"), ("Guam", "GU"), ("Northern Mariana Islands", "MP"),
                ("Puerto Rico", "PR"), ("Virgin Islands", "VI"),
                ("United States Virgin Islands", "VI"),
            ]:
                states[name] = fips[letters]
            unpacked = zlib.decompressobj(31).decompress(open(jhu, "rb").read()).decode()
            places = {}
            for row in records(unpacked[:unpacked.rindex("\n") + 1]):
                if row["country_region"] != "US" or row["province_state"] not in states:
                    continue
                day = states[row["province_state"]], row["last_update"][:10].replace("-", "")
                rank = row["last_update"], number(row["confirmed"]) or 0, number(row["deaths"]) or 0
                best = places.setdefault(day, {}).get(row["combined_key"])
                if best is None or rank > best[0]:
                    places[day][row["combined_key"]] = rank, row
            for day in sorted(places.keys() & tests.keys()):
                counted, test = [row for _, row in places[day].values()], tests[day]
                values = [
                    total(number(row[column]) for row in counted)
                    for column in ("confirmed", "deaths", "recovered")
                ] + [number(test[column]) for column in ("positive", "negative", "hospitalized")]
                print("|".join([*day, *("" if v is None else str(v) for v in values)]))
            """#

        @Test("can be asked in the lake, and become one fact for each state and day")
        func star() async throws {
            let stack = try TestStack.required()
            let warehouse = try stack.warehouse()
            let name = "covid_star"
            try await apply(name, stack)
            for edition in Self.editions { try await put(edition, "states_daily", name, stack) }
            try await put(Self.cases, "jhu", name, stack)
            try await put(Self.hospitals, "hospital_beds", name, stack)
            try await landed(3, "states_daily", name, stack)
            try await landed(1, "jhu", name, stack)
            try await landed(1, "hospital_beds", name, stack)
            let widest = try await ask(
                """
                select max(length(line) - length(replace(line, ',', ''))) + 1 as answer
                from landing.\(name).states_daily where line like 'date,%'
                """, stack)
            #expect(widest == "56", "columns of the widest edition, before anything is loaded")
            #expect(
                try await one("select to_regclass('\(name).jhu') is null", warehouse) == "t",
                "nothing is loaded")

            try await run(name, stack)
            let names = try #require(TestData.path("covid19/aws_lake_raw/states_abv.csv"))
            let files = try ([Self.cases] + Self.editions).map(path)
            let counted = try await TestPython.run(
                Self.independentCount, [files[0], names] + files.dropFirst())
            let expected = counted.split(separator: "\n").map(String.init)
            #expect(expected.count == 1445)
            try await waitForModels(name, warehouse)
            let facts = try await warehouse.query(
                """
                select concat_ws('|', fips, to_char(date, 'YYYYMMDD'),
                    coalesce(confirmed::text, ''), coalesce(deaths::text, ''),
                    coalesce(recovered::text, ''), coalesce(positive::text, ''),
                    coalesce(negative::text, ''), coalesce(hospitalized::text, '')) as fact
                from \(name).fact_covid order by fips, date
                """)
            #expect(facts.compactMap { $0["fact"] } == expected)
            try await isOneToOne(name, warehouse)
            try await isWhole(name, stack)
        }

        /// Each fact has one state and one day, and none is there twice.
        private func isOneToOne(_ name: String, _ warehouse: PostgresPool) async throws {
            let pairs = try await one(
                """
                select count(*) || ' ' || count(distinct (fact.fips, fact.date))
                from \(name).fact_covid as fact
                join \(name).dim_region as region on region.fips = fact.fips
                join \(name).dim_date as day on day.date = fact.date
                where region.level = 'state'
                """, warehouse)
            #expect(pairs == "1445 1445")
            #expect(try await one("select count(*) from \(name).dim_date", warehouse) == "195")
            let days = try await one(
                """
                select min(date) || ' ' || max(date) || ' '
                    || count(*) filter (where day_of_week <> extract(isodow from date) - 1)
                from \(name).dim_date
                """, warehouse)
            #expect(days == "2020-01-22 2021-03-07 0")
        }

        /// All hospitals are there, also behind a download of them that was cut.
        private func isWhole(_ name: String, _ stack: TestStack) async throws {
            let warehouse = try stack.warehouse()
            let count = "select count(*) from \(name).dim_hospital"
            #expect(try await one(count, warehouse) == "6618")
            let rejects = """
                select string_agg(dataset || ' ' || reason, ', ' order by dataset)
                from millrace.rejects where pipeline = '\(name)'
                """
            #expect(
                try await one(rejects, warehouse) == "jhu malformed, states_daily too_few_fields")
            try await put(Self.cutHospitals, "hospital_beds", name, stack)
            try await landed(1, "hospital_beds", name, stack)
            let answer = try await stack.millrace("run", name, "--wait")
            #expect(answer.code == 3, "\(answer.text)\(answer.errors)")
            #expect(try await one(count, warehouse) == "6618")
            let zeros = "select count(*) from \(name).dim_hospital where fips like '0%'"
            #expect(try await one(zeros, warehouse) == "1009")
        }

        @Test("give the same tables in whatever order the editions come")
        func anyOrder() async throws {
            let stack = try TestStack.required()
            let warehouse = try stack.warehouse()
            var first: [String: String] = [:]
            for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
                let name = "covid_" + order.map { "\($0)" }.joined()
                try await apply(name, stack)
                try await put(Self.cases, "jhu", name, stack)
                try await landed(1, "jhu", name, stack)
                for edition in order {
                    try await put(Self.editions[edition], "states_daily", name, stack)
                    try await landed(1, "states_daily", name, stack)
                    try await run(name, stack)
                }
                try await waitForModels(name, warehouse)
                #expect(
                    try await one("select count(*) from \(name).state_days", warehouse) == "8477")
                let tables = try await dump(name, warehouse)
                if first.isEmpty { first = tables }
                #expect(tables == first, "in the order \(order)")
            }
        }

        /// The pipeline as it is shipped, under a name of its own, and not by the clock.
        private func apply(_ name: String, _ stack: TestStack) async throws {
            let folder = try stack.newFolder(name).appending(path: "covid19")
            let original = URL(filePath: TestData.packageRoot).appending(
                path: "compose/pipelines/covid19")
            try FileManager.default.copyItem(at: original, to: folder)
            let file = folder.appending(path: "pipeline.yaml")
            let text = try String(contentsOf: file, encoding: .utf8)
                .replacing("name: covid19\n", with: "name: \(name)\n")
                .replacing("path: covid19,", with: "path: \(name),")
                .replacing("0 18 * * *", with: "0 0 1 1 *")
            try text.write(to: file, atomically: true, encoding: .utf8)
            let answer = try await stack.millrace("apply", folder.path)
            try #require(answer.code == 0, "\(answer.errors)")
        }

        private func path(_ file: String) throws -> String {
            try #require(TestData.path("covid19/" + file))
        }

        /// Hands a file over under the name that it has where it comes from.
        private func put(
            _ file: String, _ dataset: String, _ name: String, _ stack: TestStack
        ) async throws {
            let source = URL(filePath: try path(file))
            let copy = try stack.newFolder(name).appending(
                path: source.lastPathComponent.replacing(".truncated", with: ""))
            try FileManager.default.copyItem(at: source, to: copy)
            let answer = try await stack.millrace("put", name, dataset, copy.path)
            try #require(answer.code == 0, "\(answer.text)\(answer.errors)")
        }

        /// Returns when so many files lie in the landing zone.
        private func landed(
            _ files: Int, _ dataset: String, _ name: String, _ stack: TestStack
        ) async throws {
            let sql = "select count(distinct _object) as answer from landing.\(name).\(dataset)"
            try await eventually(within: .seconds(60), "\(files) files of \(dataset) landed") {
                try await ask(sql, stack) == "\(files)"
            }
        }

        /// The run of what lies there, which is published.
        private func run(_ name: String, _ stack: TestStack) async throws {
            let answer = try await stack.millrace("run", name, "--wait")
            try #require(answer.code == 0, "\(answer.text)\(answer.errors)")
        }

        /// Returns when no model is older than the tables that it is made of.
        private func waitForModels(_ name: String, _ warehouse: PostgresPool) async throws {
            let sql = """
                select count(*) from millrace.models as model
                where pipeline = '\(name)' and model in (
                        'dim_date', 'dim_region', 'dim_hospital', 'fact_covid', 'unmatched_days')
                    and not exists (
                        select from millrace.runs as run
                        where run.pipeline = '\(name)' and run.state = 'published'
                            and run.dataset in (
                                'states_daily',
                                case model when 'dim_hospital' then 'hospital_beds' else 'jhu' end)
                            and not pg_visible_in_snapshot(run.published_in, model.snapshot))
                """
            try await eventually(within: .seconds(60), "the models of \(name) are fresh") {
                try await one(sql, warehouse) == "5"
            }
        }

        /// What the files of the lake say.
        private func ask(_ sql: String, _ stack: TestStack) async throws -> String? {
            let answer = try await stack.millrace("query", "--lake", sql, "--format", "csv")
            try #require(answer.code == 0, "\(answer.errors)")
            return answer.text.split(whereSeparator: \.isNewline).last.map(String.init)
        }

        private func one(_ sql: String, _ warehouse: PostgresPool) async throws -> String? {
            try await warehouse.query(sql).first?.values.first ?? nil
        }

        /// A digest of each table's rows, whatever their order and that of the columns.
        private func dump(
            _ name: String, _ warehouse: PostgresPool
        ) async throws -> [String: String] {
            var dump: [String: String] = [:]
            for table in Self.tables {
                let sql = """
                    select md5(string_agg(line, chr(10) order by line)) as digest
                    from (
                        select (to_jsonb(rows) - '_source_id')::text as line
                        from \(name).\(table) as rows
                    ) as lines
                    """
                dump[table] = try await one(sql, warehouse) ?? "empty"
            }
            return dump
        }
    }
}
