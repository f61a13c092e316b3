import Foundation
import Kit
import Pipelines
import Testing

@Suite("The page about the language")
struct LanguagePageTests {
    @Test("has an example without mistakes")
    func example() throws {
        let page = TestData.packageRoot + "/compose/pipelines/README.md"
        let text = try String(contentsOfFile: page, encoding: .utf8)
        let start = try #require(text.range(of: "```yaml\n")?.upperBound)
        let end = try #require(text[start...].range(of: "```")?.lowerBound)
        let report = try lint(
            String(text[start..<end]),
            files: [
                "clean.sql": "select * from {{input}}",
                "models/best_books.sql": "select * from {{books}} limit {{top_n}}",
            ]
        ).report
        #expect(report.diagnostics.isEmpty, "\(report.text(colour: false))")
    }
}
