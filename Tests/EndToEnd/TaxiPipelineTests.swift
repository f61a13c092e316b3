import Foundation
import Kit
import Postgres
import Processes
import Stack
import Testing

extension EndToEnd {
    @Suite("Taxi trips of New York", .timeLimit(.minutes(5)))
    struct TaxiPipelineTests {
        @Test(
            "are those that the original wrote, and change nothing when they come in another order",
            .enabled(
                if: TestData.path("nyc_taxi/transformed_green.csv") != nil,
                "needs the data of nyc_taxi"))
        func samples() async throws {
            let stack = try TestStack.required()
            let warehouse = try stack.warehouse()
            try await apply(stack)
            let folder = try stack.newFolder("taxi")
            try await put("nyc_taxi", "zones", data("taxi_zone_lookup.csv"), stack)
            try await put("nyc_taxi", "green_trips", data("test_file_green.parquet"), stack)
            try await put("nyc_taxi", "yellow_trips", data("test_file_yellow.parquet"), stack)
            try await waitForModels("nyc_taxi", warehouse)

            let ours = folder.appending(path: "ours.csv").path
            let answer = try await stack.millrace(
                "query", Self.labelled, "--format", "csv", "--limit", "0")
            try answer.text.write(toFile: ours, atomically: true, encoding: .utf8)
            let theirs = try ["transformed_green.csv", "transformed_yellow.csv"].map(data)
            let compared = try await TestPython.run(Self.compare, [ours] + theirs)
            #expect(compared == "200 200 0\n", "ours, theirs, and how many of either differ")

            let before = try await digest("nyc_taxi", warehouse)
            let renamed = ["green": "", "yellow": "rename (Airport_fee as airport_fee)"]
            for (taxi, renaming) in renamed {
                let other = folder.appending(path: "\(taxi)_tripdata_again.parquet").path
                let source = try data("test_file_\(taxi).parquet")
                try await engine(
                    """
                    copy (
                        select * replace (
                            VendorID::bigint as VendorID, RatecodeID::double as RatecodeID,
                            payment_type::double as payment_type
                        ) \(renaming)
                        from '\(source)' order by total_amount, VendorID
                    ) to '\(other)' (format parquet)
                    """)
                try await put("nyc_taxi", "\(taxi)_trips", other, stack)
                let run = try await newest("nyc_taxi", stack)
                #expect(run.read == 100 && run.published == 0 && run.superseded == 100, "\(taxi)")
            }
            #expect(try await digest("nyc_taxi", warehouse) == before)
            let told = try await warehouse.query(
                """
                select count(*) as found from millrace.check_results
                where pipeline = 'nyc_taxi' and check_name = 'brings_new_trips' and not passed
                """)
            #expect(told.first?["found"] == "2")
        }

        @Test("of a whole month with codes like 1.0 are all there, and what cannot be is set aside")
        func month() async throws {
            let stack = try TestStack.required()
            let warehouse = try stack.warehouse()
            try await apply(stack)
            let folder = try stack.newFolder("taxi-month")
            let first = folder.appending(path: "green_tripdata_2023-03.parquet").path
            let other = folder.appending(path: "green_tripdata_2023-03_sorted.parquet").path
            try await engine(Self.month + "copy month to '\(first)' (format parquet)")
            try await engine(
                """
                copy (from '\(first)' order by total_amount, lpep_pickup_datetime desc)
                to '\(other)' (format parquet)
                """)

            try await put("nyc_taxi_2023", "green_trips", first, stack)
            let run = try await newest("nyc_taxi_2023", stack)
            #expect(run.read == 68_211 && run.published == 68_208 && run.rejected == 3)
            try await waitForModels("nyc_taxi_2023", warehouse)
            let whole = "select count(*) as found from nyc_taxi_2023.taxi_trip"
            #expect(try await warehouse.query(whole).first?["found"] == "68208")
            let possible = """
                from '\(first)' where trip_distance < 500 and lpep_pickup_datetime >= '2023-01-01'
                    and lpep_dropoff_datetime >= lpep_pickup_datetime
                """
            let refunds = try await engine("select count(*) \(possible) and total_amount < 0")
            let found = try await warehouse.query(
                "select count(*) as found from nyc_taxi_2023.taxi_trip where is_refund")
            #expect(found.first?["found"] == refunds)
            let rates = try await engine(
                """
                select string_agg(code || ' ' || trips, ', ' order by code) from (
                    select coalesce(RatecodeID, -1)::integer as code, count(*) as trips
                    \(possible) group by 1
                )
                """)
            let mapped = try await warehouse.query(
                """
                select string_agg(id || ' ' || trips, ', ' order by id) as found from (
                    select ratecode.id, count(*) as trips from nyc_taxi_2023.taxi_trip
                    join nyc_taxi_2023.ratecode on ratecode.id = ratecode_id
                    where description not like 'Code %' group by 1
                ) as rates
                """)
            #expect(mapped.first?["found"] == rates)

            let before = try await digest("nyc_taxi_2023", warehouse)
            try await put("nyc_taxi_2023", "green_trips", other, stack)
            let again = try await newest("nyc_taxi_2023", stack)
            #expect(again.published == 0 && again.superseded == 68_208 && again.rejected == 3)
            #expect(try await digest("nyc_taxi_2023", warehouse) == before)
            let rejects = try await warehouse.query(
                """
                select string_agg(message, ', ' order by message) as found from (
                    select distinct message from millrace.rejects where pipeline = 'nyc_taxi_2023'
                ) as messages
                """)
            let reasons = rejects.first?["found"] ?? ""
            for check in ["begins_out_of_range", "ends_before_it_begins", "range(trip_distance)"] {
                #expect(reasons.contains("`\(check)`"), "\(reasons)")
            }
        }

        private func apply(_ stack: TestStack) async throws {
            let answer = try await stack.millrace(
                "apply", TestData.packageRoot + "/compose/pipelines/nyc_taxi")
            try #require(answer.code == 0, "\(answer.errors)")
        }

        private func data(_ name: String) throws -> String {
            try #require(TestData.path("nyc_taxi/\(name)"))
        }

        private func put(
            _ pipeline: String, _ dataset: String, _ file: String, _ stack: TestStack
        ) async throws {
            let answer = try await stack.millrace("put", pipeline, dataset, file, "--wait")
            try #require(answer.code == 0, "\(answer.text)\(answer.errors)")
        }

        private func newest(_ pipeline: String, _ stack: TestStack) async throws -> RunRecord {
            let answer = try await stack.millrace(
                "runs", "--pipeline", pipeline, "--limit", "1", "--format", "json")
            let run = try #require(try answer.decoded([RunRecord].self).first)
            #expect(run.isBalanced)
            return run
        }

        /// Returns when all models are there and none is older than what it is made of.
        private func waitForModels(_ pipeline: String, _ warehouse: PostgresPool) async throws {
            let sql = """
                select count(*) as fresh from millrace.models as model
                where model.pipeline = $1 and not exists (
                    select from millrace.runs as run
                    where run.pipeline = $1 and run.state = 'published' and run.published > 0
                        and (model.model = 'location'
                            or (run.dataset = 'zones')
                                = (model.model in ('zone', 'borough', 'service_zone')))
                        and not pg_visible_in_snapshot(run.published_in, model.snapshot))
                """
            try await eventually(within: .seconds(60), "the models of \(pipeline) are fresh") {
                try await warehouse.query(sql, [pipeline]).first?["fresh"] == "9"
            }
        }

        /// Both tables of trips, with the objects that their rows came from.
        private func digest(_ schema: String, _ warehouse: PostgresPool) async throws -> String? {
            let rows = try await warehouse.query(
                """
                select md5(string_agg(line, chr(10) order by line)) as digest from (
                    select trips::text as line from \(schema).green_trips as trips
                    union all select trips::text from \(schema).yellow_trips as trips
                ) as lines
                """)
            return rows.first?["digest"]
        }

        /// Runs SQL beside Millrace, on the files themselves.
        @discardableResult
        private func engine(_ sql: String) async throws -> String {
            let program = try #require(ServerPrograms.engine())
            let result = try await run(Command(program, ["-noheader", "-list", "-c", sql]))
            try #require(result.isSuccess, "\(result.errorText)")
            return result.text.trimmingCharacters(in: .newlines)
        }

        /// Trips with the names of their codes, and the zones where they ended.
        private static let labelled = """
            select vendor.id as vendor_id, pickup_datetime, dropoff_datetime, store_and_fwd_flag,
                ratecode.description as ratecode, passenger_count, trip_distance, fare_amount, extra,
                mta_tax, tip_amount, tolls_amount, ehail_fee, improvement_surcharge, total_amount,
                payment_type.method as payment_type, trip_type, congestion_surcharge, airport_fee,
                borough.name as borough, zone.name as zone, service_zone.name as service_zone,
                taxi_type.type as taxi_type
            from nyc_taxi.taxi_trip
            join nyc_taxi.taxi_type on taxi_type.id = taxi_type_id
            join nyc_taxi.vendor on vendor.id = vendor_id
            join nyc_taxi.ratecode on ratecode.id = ratecode_id
            join nyc_taxi.payment_type on payment_type.id = payment_type_id
            join nyc_taxi.location on location.id = dropoff_location_id and is_listed
            join nyc_taxi.zone on zone.id = zone_id
            join nyc_taxi.borough on borough.id = borough_id
            join nyc_taxi.service_zone on service_zone.id = service_zone_id
            """

        /// Compares all values of all rows: numbers as numbers, times to the second.
        private static let compare = """
            import collections, csv, sys

            def value(column, text):
                if text in ("", "NaN"):
                    return None
                if column.endswith("_datetime"):
                    return text.replace("T", " ")[:19]
                try:
                    return float(text)
                except ValueError:
                    return text

            def rows(path):
                with open(path, newline="") as file:
                    for row in csv.DictReader(file):
                        yield tuple(sorted((key, value(key, text)) for key, text in row.items()))

            ours = collections.Counter(rows(sys.argv[1]))
            theirs = collections.Counter(row for path in sys.argv[2:] for row in rows(path))
            differences = sum((ours - theirs).values()) + sum((theirs - ours).values())
            print(sum(ours.values()), sum(theirs.values()), differences)
            """

        /// 68,211 trips: every sixteenth without codes, some equal to others, some refunds, three
        /// that cannot be.
        private static let month = """
            create table month as select
                case when i % 3 = 0 then 1 else 2 end::bigint as VendorID,
                timestamp '2023-03-01' + to_seconds(i * 39) as lpep_pickup_datetime,
                timestamp '2023-03-01' + to_seconds(i * 39 + 300 + i % 3000) as lpep_dropoff_datetime,
                case when i % 16 > 0 then 'N' end as store_and_fwd_flag,
                case when i % 16 > 0 then if(i % 997 = 0, 99, 1 + i % 6) end::double as RatecodeID,
                (1 + i % 265)::bigint as PULocationID, (1 + i * 7 % 265)::bigint as DOLocationID,
                case when i % 16 > 0 then 1 + i % 5 end::double as passenger_count,
                if(i = 777, 120098, i % 300 / 10)::double as trip_distance,
                if(i % 400 = 3, -4.4, 10 + i % 50)::double as fare_amount, 0.5::double as extra,
                0.5::double as mta_tax, 0::double as tip_amount, 0::double as tolls_amount,
                null::integer as ehail_fee, 1::double as improvement_surcharge,
                if(i % 400 = 3, -6.9, 12 + i % 50)::double as total_amount,
                case when i % 16 > 0 then 1 + i % 5 end::double as payment_type,
                case when i % 16 > 0 then 1 + i % 2 end::double as trip_type,
                case when i % 16 > 0 then 2.75 end as congestion_surcharge
            from range(68200) as numbers(i);
            update month set lpep_pickup_datetime = '2009-01-01 00:21:04', lpep_dropoff_datetime = '2009-01-01 00:41:04'
            where lpep_pickup_datetime = timestamp '2023-03-01' + to_seconds(39 * 1000);
            update month set lpep_dropoff_datetime = lpep_pickup_datetime - interval 1 hour
            where lpep_pickup_datetime = timestamp '2023-03-01' + to_seconds(39 * 2000);
            insert into month select * from month order by lpep_pickup_datetime desc limit 11;
            """
    }
}
