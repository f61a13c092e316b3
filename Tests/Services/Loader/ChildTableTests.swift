import Events
import Foundation
import Kit
import Pipelines
import Postgres
import Testing
import Warehouse

@testable import loader

@Suite(
    "A child's table", .enabled(if: Rig.isReady, "\(Rig.missing)"), .timeLimit(.minutes(5)))
struct ChildTableTests {
    @Test("has the elements of the newest version of each record, in any order and any batches")
    func anyOrder() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed \(seed)")
        var random = Seeded(seed)
        let orders = (0..<40).map { number in
            Order(
                id: number % 8, version: number,
                items: (0..<Int.random(in: 0..<5, using: &random)).map { "i\($0 + number)" },
                isGone: Int.random(in: 0..<4, using: &random) == 0)
        }
        let newest = Dictionary(grouping: orders, by: \.id)
            .compactMap { $0.value.max { $0.version < $1.version } }.filter { !$0.isGone }
        let expected = newest.sorted { $0.id < $1.id }.flatMap(\.rows)
        for _ in 0..<3 {
            var rest = orders.shuffled(using: &random)[...]
            var batches: [[Order]] = []
            while !rest.isEmpty {
                let batch = rest.prefix(Int.random(in: 1...9, using: &random))
                rest = rest.dropFirst(batch.count)
                batches.append(Array(batch))
            }
            let all = batches
            try await Rig.with { rig in
                let pipeline = Pipeline.orders(deletes: true)
                for batch in all {
                    let facts = try await rig.transform(batch.files, of: pipeline)
                    _ = try await rig.load(facts)
                    _ = try await rig.load(facts)
                }
                #expect(try await rig.items() == expected)
                try await rig.expectBalance(read: orders.reduce(0) { $0 + $1.items.count })
            }
        }
    }

    @Test("loses what a newer version of its record has no more, and what an older one brings late")
    func fewer() async throws {
        try await Rig.with { rig in
            let pipeline = Pipeline.orders()
            func load(_ orders: Order...) async throws {
                _ = try await rig.load(try await rig.transform(orders.files, of: pipeline))
            }
            try await load(Order(id: 1, version: 2, items: ["a", "b", "c"]))
            try await load(
                Order(id: 1, version: 3, items: ["d"]), Order(id: 2, version: 1, items: ["x"]))
            try await load(Order(id: 1, version: 1, items: ["old", "older"]))
            #expect(try await rig.items() == ["1 1 d", "2 1 x"])
            let counts = try await rig.values(
                """
                select concat_ws(' ', read, published, superseded, rejected)
                from millrace.child_counts where "table" = 'orders_items' order by source_id
                """)
            #expect(counts == ["3 3 0 0", "1 1 0 0", "1 1 0 0", "2 0 2 0"])
            let columns = try await rig.values(
                """
                select attname || ' ' || format_type(atttypid, atttypmod) from pg_attribute
                where attrelid = 'shop.orders_items'::regclass and attnum > 0 order by attnum
                """)
            #expect(
                columns == [
                    "id bigint", "_position bigint", "sku text", "price numeric(38,9)",
                    "_source_id bigint",
                ])
            #expect(
                try await rig.values("select price from shop.orders_items").allSatisfy {
                    $0 == "4.100000000"
                })
        }
    }

    @Test("names records by their place where they have no key")
    func append() async throws {
        try await Rig.with { rig in
            let pipeline = Pipeline.orders(load: Load(mode: .append, key: [], newestBy: nil))
            let facts = try await rig.transform(
                [
                    Order(id: 1, version: 1, items: ["a", "b"]),
                    Order(id: 1, version: 1, items: ["a"]),
                ].together,
                of: pipeline)
            for _ in 0..<2 { _ = try await rig.load(facts) }
            let joined = try await rig.values(
                """
                select concat_ws(' ', o.id, o._record, i._position, i.sku)
                from shop.orders o join shop.orders_items i using (_source_id, _record)
                order by o._record, i._position
                """)
            #expect(joined == ["1 1 1 a", "1 1 2 b", "1 2 1 a"])
            try await rig.expectBalance(read: 3)
        }
    }

    @Test("is replaced with its records", arguments: [["id"], []])
    func replace(key: [String]) async throws {
        try await Rig.with { rig in
            let pipeline = Pipeline.orders(load: Load(mode: .replace, key: key, newestBy: nil))
            let first = try await rig.transform(
                [
                    Order(id: 1, version: 1, items: ["a", "b"]),
                    Order(id: 2, version: 1, items: ["c"]),
                ].together, of: pipeline)
            let second = try await rig.transform(
                [Order(id: 1, version: 1, items: ["z"]), Order(id: 3, version: 1, items: [])]
                    .together, of: pipeline)
            _ = try await rig.load(second)
            // The extract that landed first comes late.
            _ = try await rig.load(first)
            #expect(try await rig.values("select sku from shop.orders_items") == ["z"])
            #expect(try await rig.values("select id from shop.orders order by id") == ["1", "3"])
            let sources = try await rig.values(
                """
                select count(distinct source) from (select _source_id as source from shop.orders
                union all select _source_id from shop.orders_items) as all_rows
                """)
            #expect(sources == ["1"])
            try await rig.expectBalance(read: 4)
        }
    }

    @Test("loses the elements of records that the warehouse refuses or a check sets aside")
    func refusedRecords() async throws {
        try await Rig.with { rig in
            let check = Check(
                name: "few", rule: .range(column: "version", minimum: nil, maximum: "9"),
                severity: .quarantine)
            let pipeline = Pipeline.orders(checks: [check])
            func load(_ orders: Order...) async throws -> Counts {
                try await rig.load(try await rig.transform(orders.together, of: pipeline)).counts
            }
            _ = try await load(Order(id: 0, version: 1, items: ["a"]))
            try await rig.pool.transaction {
                try await $0.execute(
                    "alter table shop.orders_items add constraint no_evil check (sku <> 'evil')")
            }
            let counts = try await load(
                Order(id: 1, version: 1, items: ["a", "b"]),
                Order(id: 2, version: 10, items: ["c"]),
                Order(id: 3, version: 1, items: ["d", "evil", "e"]),
                Order(id: 0, version: 2, items: []))
            #expect(counts == Counts(read: 4, published: 2, rejected: 2))
            #expect(try await rig.items() == ["1 1 a", "1 2 b"])
            let found = try await rig.values(
                "select concat_ws(' ', read, published, superseded, rejected) from millrace.child_counts order by source_id"
            )
            #expect(found == ["1 1 0 0", "6 2 0 4"])
        }
    }

    @Test("is whole when connections end at any moment, and events come again")
    func killed() async throws {
        try await Rig.with { rig in
            let pipeline = Pipeline.orders()
            try await rig.loading.gate.pass()
            var batches: [BatchFacts] = []
            for version in 1...10 {
                let orders = (0..<200).map { id in
                    Order(
                        id: id, version: version,
                        items: (0..<(id + 10 - version) % 4).map { "i\($0)v\(version)" })
                }
                batches.append(try await rig.transform(orders.together, of: pipeline))
            }
            let facts = (batches + batches).shuffled()
            let loader = try rig.loader(as: "child storm")
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for facts in facts {
                        while true {
                            do {
                                _ = try await loader.load(facts)
                                break
                            } catch let error as any ClassifiedError
                                where error.disposition == .transient
                            {}
                        }
                    }
                }
                group.addTask {
                    for _ in 0..<40 {
                        try await Task.sleep(for: .milliseconds(Int.random(in: 5...60)))
                        _ = try await rig.pool.query(
                            """
                            select pg_terminate_backend(pid) from pg_stat_activity
                            where application_name = 'child storm' and state <> 'idle'
                                and datname = current_database()
                            """)
                    }
                }
                try await group.waitForAll()
            }
            let expected = (0..<200).flatMap { id in
                (0..<id % 4).map { "\(id) \($0 + 1) i\($0)v10" }
            }
            #expect(try await rig.items() == expected)
            let objects = try await rig.values("select count(*) from millrace.child_counts")
            #expect(objects == ["10"])
        }
    }

    @Test("holds after a replay what its objects give now")
    func replay() async throws {
        try await Rig.with { rig in
            let pipeline = Pipeline.orders()
            let first = try await rig.transform(
                [Order(id: 1, version: 1, items: ["a", "b"])].files, of: pipeline)
            _ = try await rig.load(first)
            var again = try await rig.transform(
                [Order(id: 1, version: 1, items: ["c"])].files, of: pipeline)
            again.objects[0].name = first.objects[0].name
            again.replay = Replay(of: [first.batch], from: .transform)
            for _ in 0..<2 { _ = try await rig.load(again) }
            _ = try await rig.load(first)
            #expect(try await rig.items() == ["1 1 c"])
        }
    }

    @Test("refreshes the models that read it")
    func models() async throws {
        try await Rig.with { rig in
            var pipeline = Pipeline.orders()
            pipeline.models = [
                Model(
                    name: "skus",
                    sql: "select sku, count(*) as n from {{orders_items}} group by sku",
                    dependsOn: ["orders_items"], key: ["sku"], checks: [])
            ]
            let facts = try await rig.transform(
                [Order(id: 1, version: 1, items: ["a", "a"])].files, of: pipeline)
            let events = try await rig.refresh(try await rig.load(facts))
            #expect(events.map(\.kind) == [.modelRefreshed])
            #expect(try await rig.values("select sku || n from shop.skus") == ["a2"])
        }
    }
}
