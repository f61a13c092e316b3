import Events
import Foundation
import Pipelines
import Testing

@Suite("What a pipeline says about its alerts")
struct AlertRuleTests {
    @Test("is read, and a dataset's words go before its pipeline's")
    func right() throws {
        let top = """
            alerts:
              owner: data team
              severity: {rejects_over: critical}
              latency_slo: 30s
              rejects_over: 1%
              run_succeeded: true
              mute: {days: [sat-mon, wed], from: "22:00", to: "06:00", time_zone: Europe/Berlin}
            """
        let dataset =
            "alerts: {severity: {check_warned: info}, backlog: 2h, "
            + "rejects_over: {batch: 5, day: 100}}"
        let (pipeline, report) = try lint(yaml(top: top, dataset: dataset))
        #expect(report.diagnostics.isEmpty, "\(report.text(colour: false))")
        let shop = try #require(pipeline)
        let mute = MuteTime(
            days: [1, 3, 6, 7], from: "22:00", to: "06:00", zone: "Europe/Berlin")
        #expect(
            shop.alertRules(of: "_")
                == AlertRules(
                    owner: "data team", severities: ["rejects_over": .critical],
                    rejectsOver: .percent(1), latencySLO: 30, runSucceeded: true, mutes: [mute]))
        #expect(
            shop.alertRules(of: "books")
                == AlertRules(
                    owner: "data team",
                    severities: ["rejects_over": .critical, "check_warned": .info],
                    rejectsOver: .records(5), rejectsOverDay: 100, latencySLO: 30,
                    backlog: 7_200, runSucceeded: true, mutes: [mute]))
        #expect(try PipelineJSON.decode(PipelineJSON.encode(shop)) == shop)
    }

    @Test("is every day and all day where a mute time says no more")
    func usual() throws {
        let (pipeline, report) = try lint(yaml(top: "alerts: {mute: [{topics: check_warned}]}"))
        #expect(report.diagnostics.isEmpty, "\(report.text(colour: false))")
        let mute = MuteTime(
            days: Array(1...7), from: "00:00", to: "24:00", zone: "UTC", topics: ["check_warned"])
        #expect(pipeline?.alerts?.mutes == [mute])
    }

    @Test(
        "that is wrong is named with its place",
        arguments: [
            Mistake(yaml(top: "alerts: {ower: x}"), .unknownKey, at: "2:10", "owner"),
            Mistake(
                yaml(top: "alerts: {severity: {rejects: critical}}"), .unknownKey, at: "2:21",
                "rejects_over"),
            Mistake(
                yaml(top: "alerts: {severity: {backlog: urgent}}"), .unknownWord, at: "2:30", nil),
            Mistake(yaml(top: "alerts: {latency_slo: soon}"), .badValue, at: "2:23", nil),
            Mistake(yaml(top: "alerts: {rejects_over: some}"), .badValue, at: "2:24", nil),
            Mistake(yaml(top: "alerts: {mute: {days: sut}}"), .badValue, at: "2:23", "sat"),
            Mistake(yaml(top: "alerts: {mute: {from: \"25:00\"}}"), .badValue, at: "2:23", nil),
            Mistake(
                yaml(top: "alerts: {mute: {time_zone: Europe/Berln}}"), .badValue, at: "2:28",
                "Europe/Berlin"),
            Mistake(
                yaml(top: "alerts: {mute: {topics: check_warnd}}"), .unknownWord, at: "2:25",
                "check_warned"),
        ])
    func wrong(mistake: Mistake) throws {
        try mistake.expectAlone()
    }
}
