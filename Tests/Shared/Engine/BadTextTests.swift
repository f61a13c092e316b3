import Engine
import Events
import Foundation
import Kit
import Pipelines
import Processes
import Testing

/// The rows of `## CSV and text` in compose/pipelines/BAD-INPUT.md that no other suite tries.
@Suite("Bad text", .enabled(if: Bench.isReady, "MILLRACE_DUCKDB names no duckdb"))
struct BadTextTests {
    static let dataset = Dataset.of([.of("id", .integer, isRequired: true), .of("name", .text)])

    /// One object, the rows that it gives and the places of its rejects.
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var text: String
        var rows: [String]
        var rejects: [String]
        var words: String

        init(
            _ what: String, _ text: String, _ rows: [String] = [], _ rejects: [String] = [],
            _ words: String = ""
        ) {
            testDescription = what
            self.text = text
            self.rows = rows
            self.rejects = rejects
            self.words = words
        }
    }

    private static func row(_ id: Int, _ name: String) -> String {
        #"{"id":\#(id),"name":"\#(name)"}"#
    }

    static let cases = [
        Case("CR inside of quotes", "id,name\n1,\"a\rb\"\n2,c\n", [row(1, #"a\rb"#), row(2, "c")]),
        Case("all line ends", "id,name\r\n1,a\n2,b\r3,c", [row(1, "a"), row(2, "b"), row(3, "c")]),
        Case(
            "control characters", "id,name\n1,\"hello\nworld\t\t\t\r\u{6}\"\n",
            [row(1, #"hello\nworld\t\t\t\r\u0006"#)]),
        Case(
            "the end of a COPY", "id,name\n\\.\n1,\\.\n", [row(1, #"\\."#)],
            ["0:2:-:too_few_fields"]),
        Case("a backslash N", "id,name\n1,\\N\n\\N,x\n", [row(1, #"\\N"#)], ["0:3:id:bad_value"]),
        Case(
            "no header", "1,a\n2,b\n", [], ["0:-:1:unknown_column"],
            "2 fields that are none of the dataset: `1`, `a`"),
        Case(
            "the header again", "id,name\n1,a\nid,name\n2,b\n", [row(1, "a"), row(2, "b")],
            ["0:3:-:malformed"], "the header stands here again"),
        Case(
            "a preamble", "Report of May\n\nid,name\n1,a\n", [],
            ["0:-:Report of May:unknown_column"]),
        Case("a footnote", "id,name\n1,a\nTotal: 1\n", [row(1, "a")], ["0:3:-:too_few_fields"]),
        Case(
            "two tables", "id,name\n1,a\n\nday,place,rain\n2020-01-01,x,1\n", [row(1, "a")],
            ["0:4:-:too_many_fields", "0:5:-:too_many_fields"]),
        Case(
            "semicolons", "id;name\n1;a\n", [], ["0:-:id;name:unknown_column"],
            "is the delimiter another, `csv: {delimiter: \";\"}`?"),
        Case(
            "tabs", "id\tname\n1\ta\n", [], ["0:-:id\tname:unknown_column"],
            "`csv: {delimiter: tab}`?"),
        Case(
            "a delimiter that changes", "id,name\n1,a\n2;b\n3,c\n", [row(1, "a"), row(3, "c")],
            ["0:3:-:too_few_fields"]),
        Case("leading zeros", "id,name\n007,00123\n", [row(7, "00123")]),
        Case(
            "numbers of people", "id,name\n\"1,200\",a\n£5,b\n(12),c\n0x1F,d\n1e2,e\n٣,f\n", [],
            (2...7).map { "0:\($0):id:bad_value" }),
        Case("a formula", "id,name\n1,=cmd|' /C calc'!A0\n", [row(1, "=cmd|' /C calc'!A0")]),
        Case("no line end", "id,name\n1,a", [row(1, "a")]),
        Case("a cut row", "id,name\n1,a\n2", [row(1, "a")], ["0:3:-:too_few_fields"]),
        Case("a cut quote", "id,name\n1,a\n2,\"b", [row(1, "a")], ["0:3:-:malformed"]),
        Case("text behind a quote", "id,name\n1,\"a\"b\n2,c\n", [row(2, "c")], ["0:2:-:malformed"]),
        Case("a quote inside", "id,name\n1,5\" x\n", [row(1, #"5\" x"#)]),
        Case(
            "SQL", "id,name\n1,\"x'); DROP TABLE records; --\"\n",
            [row(1, "x'); DROP TABLE records; --")]),
        Case("nothing but blanks", " \n", [], ["0:-:-:unknown_column"]),
        Case(
            "Avro", "Obj\u{1}abc", [], ["0:-:-:unreadable"], "the object is Avro, which is not read"
        ),
        Case("Excel", "PK\u{3}\u{4}abc", [], ["0:-:-:unreadable"], "as an Excel workbook is one"),
        Case("bzip2", "BZh91AY", [], ["0:-:-:unreadable"], "pack it with gzip or zstd"),
    ]

    @Test("is read, rejected or refused, and never guessed", arguments: cases)
    func text(test: Case) async throws {
        try await Bench.with { bench in
            let outcome = try await bench.run(Self.dataset, [("a.csv", test.text)])
            #expect(outcome.rows == test.rows)
            #expect(CSVTests.places(outcome.rejects) == test.rejects)
            #expect(test.words.isEmpty || outcome.rejects[0].message.contains(test.words))
        }
    }

    @Test(
        "that is the header again is a reject where nothing but texts is expected, and no word of one column"
    )
    func headerAgain() async throws {
        let texts = Dataset.of([.of("a", .text), .of("b", .text)])
        try await Bench.with { bench in
            for tail in ["", "\"open,\n"] {
                let outcome = try await bench.run(
                    texts, [("a.csv", "b,a\n1,2\nb,a\na,b\nb,x\n" + tail)])
                let broken = tail.isEmpty ? [] : ["0:6:-:malformed"]
                #expect(CSVTests.places(outcome.rejects) == ["0:3:-:malformed"] + broken)
                #expect(outcome.rejects[0].message == "the header stands here again")
                #expect(outcome.rows.count == 3)
            }
            let words = try await bench.run(
                .of([.of("word", .text)]), [("a.csv", "word\nword\nx\n")])
            #expect(words.rows.count == 2)
        }
    }

    @Test("that an old Excel wrote is refused")
    func oldExcel() async throws {
        try await Bench.with { bench in
            let bytes = Data([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, 0, 0])
            for name in ["a.xls", "a.parquet", "a.json"] {
                let outcome = try await bench.run(Self.dataset, files: [(name, bytes)])
                #expect(outcome.rejects.map(\.reason) == ["unreadable"])
                #expect(outcome.rejects[0].message.contains("Excel") || name == "a.parquet")
            }
        }
    }

    @Test(
        "in another encoding is read where the format says so",
        arguments: [
            (TextEncoding.latin1, String.Encoding.isoLatin1, "Zoë ½"),
            (.windows1252, .windowsCP1252, "Zoë €“”"),
            (.windows1250, .windowsCP1250, "Łódź"), (.windows1251, .windowsCP1251, "Привет"),
            (.utf16, .utf16, "Zoë 😀"), (.utf16, .utf16LittleEndian, "Zoë"),
        ])
    func encodings(encoding: TextEncoding, foundation: String.Encoding, name: String) async throws {
        var dataset = Self.dataset
        dataset.format = .csv(CSVFormat(encoding: encoding))
        let text = "id,name\n1,\(name)\nx,\(name)\n"
        let bytes = try #require(text.data(using: foundation))
        try await Bench.with { bench in
            let outcome = try await bench.run(dataset, files: [("a.csv", bytes)])
            #expect(outcome.rows == [Self.row(1, name)])
            #expect(outcome.rejects.map(\.raw) == ["x,\(name)"])
            #expect(CSVTests.places(outcome.rejects) == ["0:3:id:bad_value"])
        }
    }

    @Test(
        "in another encoding than the format says is named by the byte, and by record without one")
    func wrongEncoding() async throws {
        var dataset = Self.dataset
        let bytes = Data("id,name\n1,a\n2,b".utf8) + [0x81] + Data("c\n".utf8)
        try await Bench.with { bench in
            let outcome = try await bench.run(dataset, files: [("a.csv", bytes)])
            #expect(CSVTests.places(outcome.rejects) == ["0:3:-:invalid_utf8"])
            #expect(outcome.rejects[0].message.contains("csv: {encoding: windows-1252}"))
            dataset.format = .csv(CSVFormat(encoding: .windows1252))
            let refused = try await bench.run(dataset, files: [("a.csv", bytes)])
            #expect(
                refused.report.objects[0].refusal
                    == "line 3, byte 4 is no character in windows-1252; the text is in another encoding"
            )
            dataset.format = .csv(CSVFormat(encoding: .utf16))
            let odd = try await bench.run(dataset, files: [("a.csv", Data([0xFF, 0xFE, 0x69]))])
            #expect(odd.report.objects[0].refusal?.contains("is no character in utf-16") == true)
        }
    }

    @Test("of many pieces is put together without a seam")
    func pieces() async throws {
        var dataset = Self.dataset
        dataset.format = .csv(CSVFormat(encoding: .utf16))
        let name = String(repeating: "😀ü", count: 400_000)
        let bytes = try #require("id,name\n1,\(name)x\n".data(using: .utf16))
        try await Bench.with { bench in
            let outcome = try await bench.run(dataset, files: [("a.csv", bytes)])
            #expect(outcome.rows == [Self.row(1, name + "x")])
        }
    }

    @Test("with numbers in the European way is read where the format says so")
    func marks() async throws {
        let columns: [Column] = [
            .of("n", .bigint), .of("d", .decimal), .of("f", .double), .of("t", .text),
        ]
        let format = CSVFormat(delimiter: ";", decimal: ",", thousands: ".")
        let text = """
            n;d;f;t
            1.234;1.234.567,89;-0,5;1.234,5
            12;,5;1,5e3;x
            ;;;
            1,5;1;1;x
            1.23;1;1;x
            1;12.34;1;x
            1;1.234,5.6;1;x
            1;1;1,234.5;x
            1;1;NaN;x
            1;1,0000000001;1;x
            """
        try await Bench.with { bench in
            for format in [Format.csv(format), .byName(format)] {
                let outcome = try await bench.run(.of(columns, format: format), [("a.csv", text)])
                #expect(
                    outcome.rows == [
                        #"{"n":1234,"d":1234567.890000000,"f":-0.5,"t":"1.234,5"}"#,
                        #"{"n":12,"d":0.500000000,"f":1500.0,"t":"x"}"#,
                        #"{"n":null,"d":null,"f":null,"t":null}"#,
                    ])
                #expect(
                    CSVTests.places(outcome.rejects) == [
                        "0:5:n:bad_value", "0:6:n:bad_value", "0:7:d:bad_value", "0:8:d:bad_value",
                        "0:9:f:bad_value", "0:10:f:bad_value", "0:11:d:bad_value",
                    ])
            }
            let outcome = try await bench.run(
                .of(columns, format: .byName(format)),
                [("a.jsonl", #"{"n":1,"d":1.5,"f":2.5,"t":"1,5"}"#)])
            #expect(outcome.rows == [#"{"n":1,"d":1.500000000,"f":2.5,"t":"1,5"}"#])
        }
    }

    @Test("of two thousand columns is read")
    func wide() async throws {
        let columns = (0..<2_000).map {
            Column.of("c\($0)", $0.isMultiple(of: 2) ? .integer : .text)
        }
        let header = columns.map(\.name).joined(separator: ",")
        let line = (0..<2_000).map(String.init).joined(separator: ",")
        try await Bench.with { bench in
            let outcome = try await bench.run(
                .of(columns), [("a.csv", "\(header)\n\(line)\nx\(line)\n")])
            #expect(outcome.counts == "2/0/0/1")
            #expect(CSVTests.places(outcome.rejects) == ["0:3:c0:bad_value"])
        }
    }

    @Test("with a cell of 100 MB loses that record")
    func hugeCell() async throws {
        let bytes =
            Data("id,name\n1,".utf8) + Data(repeating: 0x78, count: 100 << 20)
            + Data("\n2,b\n".utf8)
        try await Bench.with { bench in
            let outcome = try await bench.run(Self.dataset, files: [("a.csv", bytes)])
            #expect(CSVTests.places(outcome.rejects) == ["0:2:-:too_long"])
            #expect(outcome.rows == [Self.row(2, "b")])
        }
    }
}
