import Events
import Testing

@testable import ingest

@Suite("A splitter of JSON answers", .timeLimit(.minutes(5)))
struct JSONRecordSplitterTests {
    /// Splits an answer that arrives in pieces of that size.
    private func split(
        _ text: String, path: String = "", wanted: String? = nil, piece: Int
    ) throws -> (records: [String], found: String?) {
        func keys(_ text: String) -> [String] { text.split(separator: ".").map(String.init) }
        var splitter = JSONRecordSplitter(path: keys(path), wanted: wanted.map(keys))
        var output = CollectedRecords()
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: piece) {
            try Array(bytes[start..<min(bytes.count, start + piece)]).withUnsafeBytes {
                try splitter.take($0, into: &output)
            }
        }
        try splitter.finish(into: &output)
        return (output.records, splitter.found)
    }

    @Test(
        "finds them, however the answer arrives",
        arguments: [
            ("[]", "", []), (" [ ] ", "", []), ("{}", "", ["{}"]), ("null", "", []),
            ("\u{FEFF}[{\"a\":1}]", "", ["{\"a\":1}"]),
            (
                "[{\"a\":\"}]\\\"\\\\\"},{\"b\":[{}]}]", "",
                ["{\"a\":\"}]\\\"\\\\\"}", "{\"b\":[{}]}"]
            ),
            ("[1, \"x,]\" ,null,true\n]", "", ["1", "\"x,]\"", "null", "true"]),
            ("{\"a\":1}\n{\"a\":2}\n", "", ["{\"a\":1}", "{\"a\":2}"]),
            ("[{\n \"a\" :\r\n1}]", "", ["{  \"a\" :  1}"]),
            ("[{\"a\":\"x\ny\"}]", "", ["{\"a\":\"x\u{1}y\"}"]),
            (
                "{\"n\":[{\"d\":{\"i\":[9]}}],\"d\":{\"x\":\"]\",\"i\":[{\"k\":1}]},\"z\":1e5}",
                "d.i", ["{\"k\":1}"]
            ),
            ("{\"d\":{\"i\":{\"k\":1}}}", "d.i", ["{\"k\":1}"]),
            ("{\"d\":{\"i\":null}}", "d.i", []),
            ("{\"\\u0064\":[7]}", "d", ["7"]),
            (
                "[115792089237316195423570985008687907853269984665640564039457584007913129639935]",
                "",
                ["115792089237316195423570985008687907853269984665640564039457584007913129639935"]
            ),
        ])
    func records(text: String, path: String, expected: [String]) throws {
        for piece in [1, 2, 3, 7, 1_000] {
            #expect(try split(text, path: path, piece: piece).records == expected, "\(piece)")
        }
    }

    @Test(
        "finds what stands beside them, before or behind",
        arguments: [
            ("{\"m\":{\"next\":\"a\\u0062\"},\"d\":[{\"m\":{\"next\":\"no\"}}]}", "ab"),
            ("{\"d\":[],\"m\":{\"x\":[{\"next\":1}],\"next\":12}}", "12"),
            ("{\"d\":[],\"m\":{\"next\":null}}", nil), ("{\"d\":[],\"m\":7}", nil),
        ])
    func wanted(text: String, expected: String?) throws {
        for piece in [1, 5, 1_000] {
            #expect(try split(text, path: "d", wanted: "m.next", piece: piece).found == expected)
        }
    }

    @Test(
        "refuses what is no whole answer",
        arguments: [
            ("", "", "empty"), ("  ", "", "empty"), ("[", "", "in the middle"),
            ("[{\"a\":1}", "", "in the middle"), ("[{\"a\":1},", "", "in the middle"),
            ("[{\"a\":1},]", "", "missing"), ("[{} {}]", "", "missing"), ("[,{}]", "", "missing"),
            ("[{}]]", "", "more behind"), ("[{}] x", "", "more behind"),
            ("[{\"a\":\"", "", "in the middle"),
            ("<!DOCTYPE html>", "", "login page"), ("{\"error\":\"over quota\"}", "d", "`error`"),
            ("{\"d\":7}", "d", "neither"), ("{\"d\" 7}", "d", "`:`"),
            ("{d:7}", "d", "name in quotes"),
            ("{\"a\":nope}", "d", "no value"), ("{\"a\":[1}", "d", "brackets"),
            ("7", "", "neither"),
            (String(repeating: "[", count: 600), "d", "deeper"),
        ])
    func refusals(text: String, path: String, reason: String) throws {
        for piece in [1, 4, 1_000] {
            let error = #expect(throws: PollFailure.self) {
                try split(text, path: path, piece: piece)
            }
            #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
        }
    }

    @Test("finds a value of a record, whatever stands before it")
    func lookup() {
        func look(_ text: String, _ path: String) -> String? {
            Array(text.utf8).withUnsafeBytes {
                JSONLookup.text(at: path.split(separator: ".").map(String.init), in: $0)
            }
        }
        #expect(look("{\"x\":{\"at\":1},\"at\":\"a\\\"b\"}", "at") == "a\"b")
        #expect(
            look("{\"x\": [1, \"}\", {}], \"u\" : {\"id\" : 9007199254740993 } }", "u.id")
                == "9007199254740993")
        #expect(look("{\"at\":null}", "at") == nil)
        #expect(look("{\"at\":{}}", "at") == nil)
        #expect(look("{\"a\":1", "at") == nil)
        #expect(look("{\"a\"]}:,", "at") == nil)
        #expect(look("17", "at") == nil)
    }
}
