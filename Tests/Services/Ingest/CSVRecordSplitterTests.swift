import Events
import Pipelines
import Testing

@testable import ingest

@Suite("A splitter of CSV answers", .timeLimit(.minutes(5)))
struct CSVRecordSplitterTests {
    private func split(
        _ text: String, _ dialect: CSVFormat = CSVFormat(), piece: Int = 100
    ) throws -> [String] {
        var splitter = CSVRecordSplitter(dialect)
        var output = CollectedRecords()
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: piece) {
            try Array(bytes[start..<min(bytes.count, start + piece)]).withUnsafeBytes {
                try splitter.take($0, into: &output)
            }
        }
        try splitter.finish(into: &output)
        return output.records
    }

    @Test(
        "makes objects of lines",
        arguments: [
            ("a,b\n", []), ("\u{FEFF}a\n1", ["{\"a\":\"1\"}"]),
            (
                "a,b\r\n1,\r\n\r\n,\"x\"\r\n",
                ["{\"a\":\"1\",\"b\":\"\"}", "{\"a\":\"\",\"b\":\"x\"}"]
            ),
            ("\"a\"\"b\"\n\"x,\n\"\"y\"\"\"\n", ["{\"a\\\"b\":\"x,\\n\\\"y\\\"\"}"]),
            ("a,b\n1\n1,2,3\n", ["[\"1\"]", "[\"1\",\"2\",\"3\"]"]),
            ("a\n\"\"\n", ["{\"a\":\"\"}"]),
        ], [1, 100])
    func records(sample: (text: String, records: [String]), piece: Int) throws {
        #expect(try split(sample.text, piece: piece) == sample.records)
    }

    @Test("follows its dialect")
    func dialect() throws {
        let dialect = CSVFormat(delimiter: ";", quote: "'", escape: "'")
        #expect(try split("a;b\n'x;';\"1\n", dialect) == ["{\"a\":\"x;\",\"b\":\"\\\"1\"}"])
    }

    @Test("refuses what is no CSV", arguments: ["", "a,b\n1,\"2", "<html>\n<body>\n"])
    func refused(text: String) {
        #expect(throws: PollFailure.self) { try split(text) }
    }
}
