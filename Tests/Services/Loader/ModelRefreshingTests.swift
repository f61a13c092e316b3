import Events
import Kit
import Pipelines
import Postgres
import Testing
import Warehouse

@testable import loader

@Suite("A plan of models")
struct ModelPlanTests {
    @Test("has all that read the dataset, and before them what they read besides")
    func order() {
        let pipeline = Pipeline.shop(models: [
            .named("by_books", reading: ["books"]), .named("by_reviews", reading: ["reviews"]),
            .named("both", reading: ["by_books", "by_reviews"]),
            .named("others", reading: ["books"]),
        ])
        let plan = ModelPlan(pipeline, after: "reviews")
        #expect(plan.steps.map(\.model.name) == ["by_books", "by_reviews", "both"])
        #expect(plan.steps.map(\.isConcerned) == [false, true, true])
    }
}

@Suite(
    "A model", .enabled(if: Rig.isReady, "\(Rig.missing)"), .timeLimit(.minutes(5)))
struct ModelRefreshingTests {
    private let models: [Model] = [
        .named(
            "top_texts", reading: ["reviews"], key: ["text"],
            sql: "select text, count(*) as n from {{reviews}} group by text "
                + "order by n desc, text limit {{top}} -- the end"),
        .named(
            "texts_and_books", reading: ["top_texts", "books"],
            sql: "select t.text, b.id from {{top_texts}} t left join {{books}} b using (text)"),
    ]

    @Test("is computed after a publish, in order, and is the same after a second refresh")
    func twice() async throws {
        try await Rig.with { rig in
            let events = try await publish(rig, ["(1, 'a', 1)", "(2, 'a', 1)", "(3, 'b', 1)"])
            #expect(events.map(\.dataset) == ["top_texts", "texts_and_books"])
            let refreshed = try events[0].payload(ModelRefreshed.self)
            #expect(refreshed.rows == 2)
            let before = try await rows(rig)
            #expect(before == ["a 2", "b 1"])
            // The third key is beyond the limit: nothing changes but the refresh.
            #expect(try await publish(rig, ["(4, 'c', 1)"]).count == 2)
            #expect(try await rows(rig) == before)
        }
    }

    @Test("is not computed again for a batch that its last refresh saw, but told again")
    func redelivery() async throws {
        try await Rig.with { rig in
            let pipeline = Pipeline.shop(models: models)
            let first = try await rig.load(
                try await rig.batch([Contents(rows: ["(1, 'a', 1)"])], of: pipeline))
            let second = try await rig.load(
                try await rig.batch([Contents(rows: ["(2, 'b', 1)"])], of: pipeline))
            #expect(try await rig.refresh(second).count == 2)
            #expect(try await rig.refresh(first).isEmpty)
            let told = try await rig.refresh(second)
            #expect(told.map(\.kind) == [.modelRefreshed, .modelRefreshed])
            #expect(try await rows(rig) == ["a 1", "b 1"])
        }
    }

    @Test("keeps the view on top of it and the grants that others gave")
    func view() async throws {
        try await Rig.with { rig in
            _ = try await publish(rig, ["(1, 'a', 1)"])
            try await rig.pool.with {
                try await $0.execute("create view shop.mine as select text from shop.top_texts")
            }
            _ = try await publish(rig, ["(2, 'b', 1)"])
            #expect(try await rig.values("select text from shop.mine order by 1") == ["a", "b"])
            let reader = try await rig.pool.transaction { connection in
                try await connection.execute("set local role millrace_reader")
                return try await connection.query("select * from shop.top_texts")
            }
            #expect(reader.count == 2)
        }
    }

    @Test("shows a reader's transaction the same rows while it is refreshed")
    func snapshot() async throws {
        try await Rig.with { rig in
            _ = try await publish(rig, ["(1, 'a', 1)"])
            try await rig.pool.with { reader in
                try await reader.execute("begin isolation level repeatable read")
                let sql = "select text from shop.top_texts order by 1"
                let before = try await reader.query(sql)
                _ = try await publish(rig, ["(2, 'b', 1)"])
                let after = try await reader.query(sql)
                #expect(before == after && before.count == 1)
            }
        }
    }

    @Test("changes its columns and its key with the pipeline")
    func reshaped() async throws {
        try await Rig.with { rig in
            _ = try await publish(rig, ["(1, 'a', 1)"])
            let other = Model.named(
                "top_texts", reading: ["reviews"], key: ["first"],
                sql: "select text, min(id) as first from {{reviews}} group by text")
            let events = try await publish(rig, ["(2, 'b', 1)"], [other])
            #expect(events.map(\.kind) == [.modelRefreshed])
            #expect(
                try await rig.values("select first from shop.top_texts order by 1") == ["1", "2"])
        }
    }

    @Test("whose SQL fails keeps its rows, raises an alert and holds back what reads it")
    func failing() async throws {
        try await Rig.with { rig in
            _ = try await publish(rig, ["(1, 'a', 1)", "(2, 'a', 1)"])
            let broken = Model.named(
                "top_texts", reading: ["reviews"], key: ["text"],
                sql: "select text, 1::bigint as n from {{reviews}}")
            let events = try await publish(rig, ["(3, 'b', 1)"], [broken, models[1]])
            #expect(events.map(\.kind) == [.alertRaised])
            let alert = try #require(try events.first?.payload(AlertRaised.self))
            #expect(alert.detail.contains("several rows for one key (text)"))
            #expect(try await rows(rig) == ["a 2"])
        }
    }

    @Test("tells that an alert about it is over")
    func resolved() async throws {
        try await Rig.with { rig in
            try await SystemSchema.migrate(rig.pool)
            _ = try await rig.pool.query(
                """
                insert into millrace.alerts (alert_id, kind, key, topic, severity, pipeline,
                    dataset, title, detail, raised_at)
                values ('1', 'raised', 'model:shop.top_texts', 'model_failed', 'critical', 'shop',
                    'top_texts', 't', 'd', now())
                """)
            let events = try await publish(rig, ["(1, 'a', 1)"])
            #expect(events.map(\.kind) == [.modelRefreshed, .alertResolved, .modelRefreshed])
        }
    }

    private func publish(
        _ rig: Rig, _ rows: [String], _ models: [Model]? = nil
    ) async throws -> [Event] {
        let pipeline = Pipeline.shop(models: models ?? self.models)
        let facts = try await rig.batch([Contents(rows: rows)], of: pipeline)
        return try await rig.refresh(try await rig.load(facts))
    }

    private func rows(_ rig: Rig) async throws -> [String?] {
        try await rig.values("select text || ' ' || n from shop.top_texts order by text")
    }
}

extension Model {
    static func named(
        _ name: String, reading: [String], key: [String] = [], sql: String = "select 1 as one"
    ) -> Model {
        Model(name: name, sql: sql, dependsOn: reading, key: key, checks: [])
    }
}
