import Pipelines
import Testing

@Suite("A rule of a source that runs a program")
struct ProgramRuleTests {
    private static func command(_ text: String, dataset: String = "") -> String {
        yaml(source: "{command: {\(text)}}", dataset: dataset)
    }

    @Test(
        "is kept",
        arguments: [
            Mistake(
                yaml(source: "{comand: {run: [x], every: 1m}}"), .unknownKey, at: "5:14", "command"),
            Mistake(command("every: 1m"), .missingKey, at: "5:23", "run"),
            Mistake(command("run: [x]"), .missingKey, at: "5:23", "schedule"),
            Mistake(command("run: [], every: 1m"), .empty, at: "5:29"),
            Mistake(command("run: [bin/x], every: 1m"), .badPath, at: "5:30"),
            Mistake(command("run: [/a/../x], every: 1m"), .badPath, at: "5:30"),
            Mistake(command("run: x --all, every: 1m"), .badPath, at: "5:29"),
            Mistake(command("run: x, every: 5"), .badValue, at: "5:39"),
            Mistake(command("run: x, schedule: \"* *\""), .badValue, at: "5:42"),
            Mistake(command("run: x, every: 1m, timeout: 0s"), .badValue, at: "5:52"),
            Mistake(command("run: x, every: 1m, env: {A B: 1}"), .badValue, at: "5:49"),
            Mistake(command("run: x, every: 1m, env: {LD_PRELOAD: /x}"), .badValue, at: "5:49"),
            Mistake(
                yaml(source: "{command: {run: x, every: 1m}, files: a}"), .misplacedOption,
                at: "5:44"),
            Mistake(
                command("run: x, every: 1m", dataset: "format: parquet"), .misplacedOption,
                at: "8:5"),
        ])
    func rules(mistake: Mistake) throws { try mistake.expectAlone() }

    @Test("lets a whole command be, and gives it back from a revision")
    func whole() throws {
        let text = Self.command(
            """
            run: [/opt/x, -n, 5, -n, "5"], schedule: "0 6 * * *", time_zone: Europe/Berlin,
                  timeout: 10m, env: {API_TOKEN: "${secret:shop_token}", LIMIT: 5}
            """)
        let (pipeline, report) = try lint(text)
        #expect(report.diagnostics.isEmpty, "\(report.text(colour: false))")
        let read = try #require(pipeline)
        let expected = SourceProgram(
            run: ["/opt/x", "-n", "5", "-n", "5"],
            environment: [
                "API_TOKEN": .secret(SecretReference("shop_token")), "LIMIT": .text("5"),
            ],
            when: .cron(try Cron("0 6 * * *"), timeZone: "Europe/Berlin"), timeoutSeconds: 600)
        #expect(read.datasets.first?.source == .command(expected))
        #expect(try PipelineJSON.decode(PipelineJSON.encode(read)) == read)
    }
}

@Suite("A rule of a Singer source")
struct SingerRuleTests {
    private static func singer(_ text: String) -> String { yaml(source: "{singer: {\(text)}}") }

    @Test(
        "is kept",
        arguments: [
            Mistake(singer("every: 1h"), .missingKey, at: "5:22", "run"),
            Mistake(singer("from: orders"), .unknownTable, at: "5:29"),
            Mistake(singer("run: tap, every: 1h, catalog: x"), .unknownWord, at: "5:53"),
            Mistake(singer("run: tap, every: 1h, config: {a: yes}"), .ambiguousText, at: "5:56"),
            Mistake(singer("run: tap, every: 1h, config: {api_key: abcdef}"), .secret, at: "5:53"),
        ])
    func rules(mistake: Mistake) throws { try mistake.expectAlone() }

    @Test("lets datasets share a tap, and gives them back from a revision")
    func shared() throws {
        let text = """
            name: shop
            variables: {day: "2020-01-01"}
            datasets:
              books:
                source:
                  singer:
                    run: [tap-shop, -v]
                    every: 1h
                    config: {start: "${day}", n: 5, big: "7", flag: true, none: null, api_key: "${secret:k}",
                             deep: [{a: 1.50}]}
                columns: {id: bigint}
                load: append
              orders:
                source: {singer: {from: books, stream: public-orders, metadata: {replication-method: INCREMENTAL}}}
                columns: {id: bigint}
                load: append
            """
        let (pipeline, report) = try lint(text)
        #expect(report.diagnostics.isEmpty, "\(report.text(colour: false))")
        let read = try #require(pipeline)
        var expected = SingerSource(
            tap: "books",
            program: SourceProgram(run: ["tap-shop", "-v"], when: .every(seconds: 3_600)),
            config: [
                "start": .text("2020-01-01"), "n": .number("5"), "big": .text("7"),
                "flag": .boolean(true), "none": .null, "api_key": .secret(SecretReference("k")),
                "deep": .list([.mapping(["a": .number("1.50")])]),
            ], stream: "books")
        #expect(read.datasets[0].source == .singer(expected))
        expected.stream = "public-orders"
        expected.metadata = ["replication-method": .text("INCREMENTAL")]
        #expect(read.datasets[1].source == .singer(expected))
        #expect(try PipelineJSON.decode(PipelineJSON.encode(read)) == read)
    }
}
