import Events
import Foundation
import Testing

@testable import quality

@Suite("An alert about a schema")
struct SchemaAlertsTests {
    private let alerts: BatchAlerts

    init() throws {
        let cause = try Fixture.event(
            BatchPublished(facts: Fixture.facts(revision: "r"), counts: Counts()))
        alerts = BatchAlerts(
            pipeline: "shop", batch: Fixture.batch, source: "/millrace/quality/here", cause: cause)
    }

    @Test(
        "is raised for objects that their contract refuses, and for no other reason",
        arguments: [("unknown_column", true), ("bad_value", true), ("unreadable", false)])
    func broken(reason: String, isBroken: Bool) throws {
        var facts = Fixture.facts(revision: "r", refusal: "the header has `x`")
        #expect(try alerts.contractBroken(facts) == nil)
        facts.objects[0].refusalReason = reason
        let alert = try alerts.contractBroken(facts)?.payload(AlertRaised.self)
        #expect((alert != nil) == isBroken)
        if let alert {
            #expect(alert.topic == "contract_broken" && alert.severity == .critical)
            #expect(alert.detail.hasPrefix("reviews.jsonl: the header has `x`"))
            #expect(AlertRaised.topics.contains(alert.topic))
        }
    }

    @Test("is a warning where a type has changed", arguments: [false, true])
    func changed(changesTypes: Bool) throws {
        let news = SchemaChanged(
            pipeline: "shop", revision: "r", dataset: "reviews", version: 3,
            changes: ["`zip` is text now, it was bigint"], changesTypes: changesTypes,
            batch: Fixture.batch, object: "a.csv", changedAt: Date())
        let alert = try alerts.schemaChanged(news).payload(AlertRaised.self)
        #expect(alert.topic == "schema_changed")
        #expect(alert.severity == (changesTypes ? .warning : .info))
        #expect(alert.title == "shop.reviews: schema version 3")
        #expect(alert.detail.contains("`zip` is text now") && alert.detail.contains("a.csv"))
    }
}
