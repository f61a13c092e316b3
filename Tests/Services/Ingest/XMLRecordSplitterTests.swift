import Events
import Foundation
import Kit
import Testing

@testable import ingest

/// Keeps records as texts.
struct CollectedRecords: RecordOutput {
    var records: [String] = []
    private var bytes: [UInt8] = []

    mutating func add(_ bytes: UnsafeRawBufferPointer) { self.bytes += bytes }

    mutating func endRecord() {
        records.append(String(decoding: bytes, as: UTF8.self))
        bytes = []
    }
}

@Suite("A splitter of XML answers", .timeLimit(.minutes(5)))
struct XMLRecordSplitterTests {
    private func split(
        _ data: Data, path: String, lists: [String] = [], piece: Int = 1_000
    ) throws -> [String] {
        var splitter = XMLRecordSplitter(
            path: path.split(separator: ".").map(String.init), lists: lists)
        var output = CollectedRecords()
        let bytes = Array(data)
        for start in stride(from: 0, to: bytes.count, by: piece) {
            try Array(bytes[start..<min(bytes.count, start + piece)]).withUnsafeBytes {
                try splitter.take($0, into: &output)
            }
        }
        try splitter.finish(into: &output)
        return output.records
    }

    @Test(
        "makes JSON of elements",
        arguments: [
            ("<r><a>1</a><a> x </a></r>", "r.a", ["{\"#text\":\"1\"}", "{\"#text\":\"x\"}"]),
            ("<r/>", "r.a", []), ("<r><b/></r>", "r.a", []), ("<r/>", "r", ["{}"]),
            ("<r><b>1</b></r>", "", ["{\"b\":\"1\"}"]),
            (
                "\n\n<?xml version=\"1.0\"?><r><a><id type=\"integer\">50</id><n nil=\"true\"/><e/>"
                    + "<f></f></a></r>", "r.a",
                ["{\"id\":\"50\",\"n\":null,\"e\":null,\"f\":null}"]
            ),
            (
                "<r><a k=\"1 &amp; &lt;2\"><u o='f'> <![CDATA[x<&]]> y</u></a></r>", "r.a",
                ["{\"@k\":\"1 & <2\",\"u\":\"x<& y\",\"u@o\":\"f\"}"]
            ),
            (
                "<r><a><s n=\"1\"/><s n=\"2\"><t/></s></a></r>", "r.a",
                ["{\"s\":[{\"@n\":\"1\"},{\"@n\":\"2\",\"t\":null}]}"]
            ),
            (
                "<r><a><s>1</s><s b=\"x\">2</s><s>3</s></a></r>", "r.a",
                ["{\"s\":[\"1\",\"2\",\"3\"],\"s@b\":[null,\"x\"]}"]
            ),
            (
                "<r><a>one<b/>two &#x41;&amp;&#10;\"\\</a></r>", "r.a",
                ["{\"b\":null,\"#text\":\"onetwo A&\\n\\\"\\\\\"}"]
            ),
            (
                "<x:r xmlns:x=\"u\"><x:a x:y=\"1\"><x:b>2</x:b></x:a></x:r>", "x:r.x:a",
                ["{\"@x:y\":\"1\",\"x:b\":\"2\"}"]
            ),
            ("<r><b><a>no</a></b><a><a>in</a></a></r>", "r.a", ["{\"a\":\"in\"}"]),
            (
                "<!DOCTYPE r SYSTEM \"http://127.0.0.1:9/x.dtd\"><r><a>1</a></r>", "r.a",
                ["{\"#text\":\"1\"}"]
            ),
        ], [1, 7, 1_000])
    func records(sample: (text: String, path: String, records: [String]), piece: Int) throws {
        #expect(
            try split(Data(sample.text.utf8), path: sample.path, piece: piece) == sample.records)
    }

    @Test("makes arrays of what is always one")
    func lists() throws {
        let text = "<r><a><s>1</s><t><s><u>1</u></s></t></a></r>"
        #expect(
            try split(Data(text.utf8), path: "r.a", lists: ["s"])
                == ["{\"s\":[\"1\"],\"t\":{\"s\":[{\"u\":\"1\"}]}}"])
    }

    @Test(
        "refuses what is no XML, or more than that",
        arguments: [
            ("", "it is empty"), ("{\"a\": 1}", "it is no XML"), ("<r><a></r>", "mismatch"),
            ("<r><a>1</a>", "document"), ("<r>&nbsp;</r>", "nbsp"),
            ("<!DOCTYPE r [<!ENTITY a \"x\">]><r>&a;</r>", "declares an entity"),
            (
                "<!DOCTYPE r [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><r>&a;</r>",
                "declares an entity"
            ),
            (
                "<!DOCTYPE r [<!ENTITY % a SYSTEM \"http://127.0.0.1:9/\"> %a;]><r/>",
                "declares an entity"
            ),
            ("<!DOCTYPE r SYSTEM \"x.dtd\"><r>&a;</r>", "Entity 'a'"),
            (String(repeating: "<a>", count: 300), "256 deep"),
            ("<html><body>sign in</body></html>", "no `r.a` in the answer; there is `html`"),
        ])
    func refused(text: String, reason: String) throws {
        let error = #expect(throws: PollFailure.self) {
            try split(Data(text.utf8), path: "r.a", piece: 20)
        }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    }

    @Test("holds one record of an answer at a time")
    func bounded() throws {
        var splitter = XMLRecordSplitter(path: ["r", "a"], lists: [])
        var output = Counting()
        let element = Array("<a><b>\(String(repeating: "x", count: 990))</b></a>".utf8)
        try Array("<r>".utf8).withUnsafeBytes { try splitter.take($0, into: &output) }
        for _ in 0..<50_000 {
            try element.withUnsafeBytes { try splitter.take($0, into: &output) }
        }
        #expect(output.records == 50_000)
        let huge = Array("<a>\(String(repeating: "<c>xxxxxxxxx</c>", count: 100_000))".utf8)
        #expect(throws: PollFailure.self) {
            for _ in 0..<30 {
                try huge.withUnsafeBytes { try splitter.take($0, into: &output) }
            }
        }
    }

    private struct Counting: RecordOutput {
        var records = 0
        mutating func add(_ bytes: UnsafeRawBufferPointer) {}
        mutating func endRecord() { records += 1 }
    }
}
