import Pipelines
import Testing

@Suite("A rule of SQL")
struct SQLRuleTests {
    private static func model(_ sql: String) -> String {
        yaml(models: "models: {m: {sql: \"\(sql)\"}}")
    }

    private static func file(_ sql: String) -> Mistake.Files { ["m.sql": sql] }

    @Test(
        "is kept by a model",
        arguments: [
            Mistake(yaml(models: "models: {m: {key: a}}"), .missingKey, at: "9:10", "sql"),
            Mistake(model("select 1"), .unusedInput, at: "9:19"),
            Mistake(model("select * from {{boks}}"), .unknownSlot, at: "9:34", "books"),
            Mistake(model("select '{{books}}' from {{books}}"), .quotedSlot, at: "9:28"),
            Mistake(model("select * from {{books}"), .quotedSlot, at: "9:34"),
            Mistake(model("delete from {{books}}"), .badSQL, at: "9:19"),
            Mistake(model("select 1; select * from {{books}}"), .badSQL, at: "9:30"),
            Mistake(model("select 'a from {{books}}"), .badSQL, at: "9:27"),
            Mistake(model("  "), .empty, at: "9:19"),
            Mistake(model("missing.sql"), .unreadableFile, at: "9:19"),
            Mistake(model("../m.sql"), .badPath, at: "9:19"),
            Mistake(model("/etc/m.sql"), .badPath, at: "9:19"),
            Mistake(
                model("m.sql"), .unknownSlot, at: "2:7", "books",
                files: file("select *\nfrom  {{bok}}")),
            Mistake(model("m.sql"), .empty, at: "1:1", files: file("-- nothing\n;")),
            Mistake(
                model("m.sql"), .badSQL, at: "2:1",
                files: file("select * from {{books}}; -- one\nselect 2;")),
            Mistake(
                model("m.sql"), .unreadableFile, at: "9:19", "n.sql",
                files: ["n.sql": ""]),
            Mistake(
                yaml(), .unusedFile, at: "1:1", files: file("select 1")),
            Mistake(
                yaml(
                    models: "models: {m: {sql: \"select 1 from {{books}}\", "
                        + "checks: [{unique: a, severity: block}]}}"), .lateBlock, at: "9:77",
                "warn"),
            Mistake(
                yaml(models: "models: {a: {sql: \"select * from {{a}}\"}}"), .cycle, at: "9:10"),
        ])
    func keptByModels(mistake: Mistake) throws {
        if mistake.suggestion == "n.sql" {
            let report = try lint(mistake.yaml, files: mistake.files).report
            #expect(report.diagnostics.first?.suggestion == "n.sql")
        } else {
            try mistake.expectAlone()
        }
    }

    @Test("finds a circle of models and says its way")
    func circle() throws {
        let report = try lint(
            yaml(
                models: """
                    models:
                      a: {sql: "select * from {{b}}, {{books}}"}
                      b: {sql: "select * from {{c}}"}
                      c: {sql: "select * from {{a}}"}
                      d: {sql: "select * from {{c}}"}
                    """)
        ).report
        #expect(report.diagnostics.map(\.code) == [.cycle])
        #expect(
            report.diagnostics.first?.message.contains("`a` reads `b` reads `c` reads `a`") == true)
    }

    @Test("puts models behind what they read")
    func order() throws {
        let pipeline = try lint(
            yaml(
                models: """
                    models:
                      c: {sql: "select * from {{b}}"}
                      a: {sql: "select * from {{books}}; -- done"}
                      b: {sql: "select * from {{a}}, {{books}}"}
                    """)
        ).pipeline
        #expect(pipeline?.models.map(\.name) == ["a", "b", "c"])
        #expect(pipeline?.model("b")?.dependsOn == ["a", "books"])
        #expect(pipeline?.model("a")?.sql == "select * from {{books}}")
    }

    @Test(
        "finds secrets and does not show them",
        arguments: [
            "description: postgres://u:hunter22@db/x", "# password: hunter22",
            "description: AKIAABCDEFGHIJKLMNOP",
        ])
    func secrets(line: String) throws {
        let report = try lint(yaml(top: line)).report
        #expect(report.diagnostics.map(\.code) == [.secret])
        #expect(report.diagnostics.map(\.line) == [2])
        #expect(!report.text(colour: false).contains("hunter22"))
    }

    @Test("takes what looks like a template only in code")
    func slots() {
        let template = SQLTemplate(
            "select '{{a}}', \"{{b}}\", $x${{c}}$x$, {{ d }} -- {{e}}\n/* {{f}} /* */ */ + {{d}}")
        #expect(template.slots.map(\.name) == ["d", "d"])
        #expect(template.filled { "<\($0)>" }.hasSuffix("<d> -- {{e}}\n/* {{f}} /* */ */ + <d>"))
    }
}

extension Mistake {
    typealias Files = [String: String]
}
