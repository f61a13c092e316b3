import Foundation
import Pipelines
import Testing
import Warehouse

@testable import millrace

@Suite("The page about checks", .timeLimit(.minutes(5)))
struct CheckReportTests {
    private static func entry(
        _ check: String, _ outcome: String, value: Double? = nil, at: Double = 0,
        samples: String = "[]"
    ) -> CheckEntry {
        CheckEntry(
            pipeline: "shop", table: "orders", check: check, severity: .block, scope: .batch,
            outcome: outcome, failing: 1, measure: "failing rows", value: value,
            limits: "block above 5%", message: "<b>&\"'", samples: samples, milliseconds: 3,
            checkedAt: Date(timeIntervalSince1970: at))
    }

    @Test("shows state, history and failing rows, and nothing that data could do to it")
    func page() throws {
        let samples = #"[{"name": "<script>alert(1)</script>", "id": null}]"#
        let page = CheckReport(
            entries: [
                Self.entry("not_null(a)", "failed", value: 3, samples: samples),
                Self.entry("<img src=x onerror=alert(2)>", "passed", value: 0),
            ],
            history: (0..<5).map {
                Self.entry(
                    "not_null(a)", $0 == 4 ? "failed" : "passed", value: Double($0),
                    at: Double($0) * 60)
            }, madeAt: Date(timeIntervalSince1970: 0)
        ).html
        #expect(page.hasPrefix("<!doctype html>"))
        #expect(page.contains("<title>Checks: 1 not passed</title>"))
        #expect(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
        #expect(!page.contains("<script") && !page.contains("<img"))
        #expect(!page.contains("http"))
        #expect(page.contains("&lt;b&gt;&amp;&quot;&#39;"))
        #expect(page.contains("<i>null</i>"))
        #expect(page.ranges(of: "<circle").count == 5)
        #expect(page.ranges(of: "<circle class=\"bad\"").count == 1)
        #expect(page.contains("prefers-color-scheme:dark"))
    }

    @Test("draws one measure, from the lowest to the highest, and a single value in the middle")
    func chart() {
        let rising = (0..<3).map { Self.entry("a", "passed", value: Double($0)) }
        #expect(CheckChart(rising).svg.contains("M5 43L110 24L215 5"))
        #expect(CheckChart([rising[0]]).svg.contains("M110 24\""))
        #expect(CheckChart([]).svg.isEmpty)
        #expect(CheckChart([Self.entry("a", "error")]).svg.isEmpty)
        var other = rising
        other[0].measure = "mean(x)"
        #expect(CheckChart(other).svg.contains("M5 43L215 5"))
    }
}
