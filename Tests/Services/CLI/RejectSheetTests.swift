import Events
import Foundation
import Testing

@testable import Warehouse
@testable import millrace

@Suite("Rejects in a file")
struct RejectSheetTests {
    @Test(
        "hold no formula for a spreadsheet",
        arguments: [
            ("=cmd|' /C calc'!A0", "\"'=cmd|' /C calc'!A0\""), ("+1", "\"'+1\""), ("-1", "\"'-1\""),
            ("@SUM(1)", "\"'@SUM(1)\""), ("\tx", "\"'\tx\""), ("\rx", "\"'\rx\""),
            ("a=1", "\"a=1\""), ("say \"hi\"", "\"say \"\"hi\"\"\""), ("", "\"\""),
        ])
    func cells(value: String, cell: String) {
        #expect(RejectSheet.cell(value) == cell)
        #expect(RejectSheet.cell(nil).isEmpty)
    }

    @Test("hold every text as it is in JSON")
    func json() throws {
        let reject = Reject(
            id: 7, pipeline: "p", dataset: "d", batch: ULID(), object: "\(ULID())-a.csv", line: 2,
            column: "x", stage: "cast", reason: "bad_value", message: "m", raw: "=1\n\"é",
            rejectedAt: Date(), value: "=1", state: .open, decidedBy: nil, replay: nil)
        let line = try RejectSheet.json(reject)
        #expect(line.split(separator: "\n").count == 1)
        let record = try JSONDecoder().decode([String: String].self, from: Data(line.utf8))
        #expect(record["raw"] == "=1\n\"é" && record["value"] == "=1" && record["file"] == "a.csv")
        #expect(RejectSheet.csv(reject).contains("\"'=1\n\"\"é\""))
    }

    @Test(
        "go again under a name that says so and keeps the format",
        arguments: [
            ("a.csv", "a.replay-7.csv"), ("a.csv.gz", "a.replay-7.csv"),
            ("a.b.jsonl.zst", "a.b.replay-7.jsonl"), ("noext", "noext.replay-7"),
            ("a.replay-3.csv", "a.replay-3.replay-7.csv"),
        ])
    func names(name: String, expected: String) {
        #expect(RejectPlan.name(of: "\(ULID())-\(name)", replay: 7) == expected)
    }
}
