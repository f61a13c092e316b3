import Engine
import Events
import Foundation
import Kit
import Pipelines
import Processes
import Testing

@Suite("A CSV object", .enabled(if: Bench.isReady, "MILLRACE_DUCKDB names no duckdb"))
struct CSVTests {
    static let dataset = Dataset.of(
        [.of("id", .integer, isRequired: true), .of("name", .text), .of("day", .date)])

    /// `object:line:column:reason`, or `-` for what is not known.
    static func places(_ rejects: [Bench.Reject]) -> [String] {
        rejects.map { reject in
            let line = reject.line.map { "\($0)" } ?? "-"
            return "\(reject.object):\(line):\(reject.column ?? "-"):\(reject.reason)"
        }
    }

    @Test("loses only its own line to a broken quote")
    func brokenQuote() async throws {
        let text = """
            id,name,day
            1,x,
            2,"br,2020-01-02
            3,ok,2020-01-03
            4,"two
            lines",
            5,q,

            """
        try await Bench.with { bench in
            let outcome = try await bench.run(Self.dataset, [("a.csv", text)])
            #expect(outcome.counts == "5/0/0/1")
            #expect(Self.places(outcome.rejects) == ["0:3:-:malformed"])
            #expect(outcome.rejects.first?.raw == "2,\"br,2020-01-02")
            #expect(outcome.rows.count == 4)
            #expect(outcome.rows[2] == #"{"id":4,"name":"two\nlines","day":null}"#)
        }
    }

    @Test("loses only its own line to a quote that is open to the end of the file")
    func openQuote() async throws {
        let text = "id,name,day\n1,\"x,\n2,y,\n3,z,2020-01-03"
        try await Bench.with { bench in
            let outcome = try await bench.run(Self.dataset, [("a.csv", text)])
            #expect(outcome.counts == "3/0/0/1")
            #expect(Self.places(outcome.rejects) == ["0:2:-:malformed"])
        }
    }

    @Test("finds the record that a closed quote had swallowed")
    func swallowed() async throws {
        // The quote of line 2 is closed by that of line 4: one record of the wrong width.
        let text = "id,name,day\n1,\"x,\n2,y,\n3,\"z\",\n4,w,\n"
        try await Bench.with { bench in
            let outcome = try await bench.run(Self.dataset, [("a.csv", text)])
            #expect(outcome.counts == "4/0/0/1")
            #expect(Self.places(outcome.rejects) == ["0:2:-:malformed"])
        }
    }

    @Test("tells each kind of faulty record, with its line and its bytes")
    func faults() async throws {
        var bytes = Data("id,name,day\n1,a,\n2,b\n3,c,,d\nx,e,\n,f,\n7,".utf8)
        bytes += [0xFF] + Data(",\n8,n\0l,\n9,i,2020-02-30\n12.6,j,\n11,k,2020-02-29\n".utf8)
        try await Bench.with { bench in
            let outcome = try await bench.run(Self.dataset, files: [("a.csv", bytes)])
            #expect(outcome.counts == "10/0/0/8")
            #expect(
                Self.places(outcome.rejects) == [
                    "0:3:-:too_few_fields", "0:4:-:too_many_fields", "0:5:id:bad_value",
                    "0:6:id:missing_value", "0:7:-:invalid_utf8", "0:8:name:nul_byte",
                    "0:9:day:bad_value", "0:10:id:bad_value",
                ])
            #expect(outcome.rejects.map(\.raw).prefix(4) == ["2,b", "3,c,,d", "x,e,", ",f,"])
            #expect(
                outcome.rejects[2].message
                    == "`id` is `x`; expected a whole number from -2147483648 to 2147483647")
            #expect(outcome.rows.count == 2)
        }
    }

    @Test("has the line where a record starts, when records span lines", arguments: ["\n", "\r\n"])
    func lines(end: String) async throws {
        // Well formed, so that DuckDB reads it; then broken, so that our scanner does.
        let lines = ["id,name,day", "1,\"a", "b", "c\",", "x,d,", "\"y\",\"", "\",", "9,z,"]
        for tail in ["", "8,\"w"] {
            let text = (lines + [tail]).joined(separator: end)
            try await Bench.with { bench in
                let outcome = try await bench.run(Self.dataset, [("a.csv", text)])
                let broken = tail.isEmpty ? [] : ["0:9:-:malformed"]
                #expect(
                    Self.places(outcome.rejects)
                        == ["0:5:id:bad_value", "0:6:id:bad_value"] + broken)
                #expect(outcome.rejects[1].raw == "\"y\",\"\(end)\",")
                #expect(
                    outcome.rows.first?.contains(end == "\n" ? "a\\nb\\nc" : "a\\r\\nb\\r\\nc")
                        == true)
            }
        }
    }

    @Test(
        "may have its columns in any order, a byte order mark, or any line ends",
        arguments: [
            "name,day,id\nx,,1\ny,2020-01-02,2\n", "\u{FEFF}id,name,day\n1,x,\n2,y,2020-01-02",
            "id,name,day\r\n1,x,\r\n2,y,2020-01-02\r\n", "id,name,day\r1,x,\r2,y,2020-01-02\r",
            "id,name,day\r\n1,x,\n2,y,2020-01-02\r",
            "\n\nid, name ,day\n\n1,x,\n\n2,y,2020-01-02\n\n",
            "\"id\",\"name\",\"day\"\n\"1\",\"x\",\"\"\n\"2\",\"y\",\"2020-01-02\"",
        ])
    func shapes(text: String) async throws {
        try await Bench.with { bench in
            let outcome = try await bench.run(Self.dataset, [("a.csv", text)])
            #expect(outcome.counts == "2/0/0/0")
            #expect(
                outcome.rows == [
                    #"{"id":1,"name":"x","day":null}"#, #"{"id":2,"name":"y","day":"2020-01-02"}"#,
                ])
        }
    }

    @Test(
        "is refused as a whole with a sentence that names the fault",
        arguments: [
            ("id,nmae,day\n1,x,\n", "unknown_column", "nmae", "the nearest is `name`"),
            ("id,day\n1,\n", "missing_column", "name", "the header lacks `name`"),
            ("id,name,name,day\n1,x,y,\n", "malformed", "name", "twice, as field 2 and field 3"),
            ("id,name,day,\n1,x,,\n", "unknown_column", "-", "field 4 of the header has no name"),
            ("", "unreadable", "-", "the object is empty"), ("\n\n", "unreadable", "-", "empty"),
            ("PK\u{3}\u{4}\0\0", "unreadable", "-", "ZIP"),
            ("PAR1\0", "unreadable", "-", "Parquet"),
            ("i\0d,name,day\n", "unreadable", "-", "not UTF-8 text"),
            ("\"id,name,day\n1,x,\n", "unreadable", "-", "header cannot be read"),
        ])
    func refusals(text: String, reason: String, column: String, words: String) async throws {
        try await Bench.with { bench in
            let good = "id,name,day\n1,x,\n"
            let outcome = try await bench.run(
                Self.dataset, [("a.csv", good), ("b.csv", text), ("c.csv", good)])
            #expect(outcome.counts == "3/0/0/1")
            #expect(Self.places(outcome.rejects) == ["1:-:\(column):\(reason)"])
            #expect(outcome.rejects.first?.message.contains(words) == true)
            #expect(outcome.report.objects[1].refusal == outcome.rejects.first?.message)
        }
    }

    @Test("is refused when it is UTF-16")
    func utf16() async throws {
        try await Bench.with { bench in
            let bytes = try #require("id,name,day\n1,x,\n".data(using: .utf16))
            let outcome = try await bench.run(Self.dataset, files: [("a.csv", bytes)])
            #expect(
                outcome.rejects.first?.message
                    == "the object is UTF-16; write `csv: {encoding: utf-16}`")
        }
    }

    @Test("with only a header has no records")
    func headerOnly() async throws {
        try await Bench.with { bench in
            let outcome = try await bench.run(Self.dataset, [("a.csv", "id,name,day\n")])
            #expect(outcome.report == TransformReport(objects: [ObjectReport()]))
        }
    }

    @Test("may be packed with gzip or zstd, and is refused when the packing is broken")
    func packed() async throws {
        try await Bench.with { bench in
            let text = "id,name,day\n1,x,\nz,y,\n"
            var files: [(name: String, bytes: Data)] = []
            for program in ["gzip", "zstd"] {
                let plain = "\(bench.folder)/plain"
                try Data(text.utf8).write(to: URL(fileURLWithPath: plain))
                let packed = try await run(Command(program, ["-c", plain]))
                files.append(("a.csv.\(program)", Data(packed.output)))
                files.append(("cut.csv.\(program)", Data(packed.output.dropLast(4))))
            }
            let outcome = try await bench.run(Self.dataset, files: files)
            #expect(outcome.counts == "6/0/0/4")
            #expect(
                Self.places(outcome.rejects) == [
                    "0:3:id:bad_value", "1:-:-:unreadable", "2:3:id:bad_value", "3:-:-:unreadable",
                ])
            #expect(outcome.rejects.first?.raw == "z,y,")
        }
    }

    @Test("may use another delimiter, quote and escape")
    func dialect() async throws {
        var dataset = Self.dataset
        dataset.format = .csv(CSVFormat(delimiter: ";", quote: "'", escape: "\\"))
        let text = #"""
            id;name;day
            1;'it\'s; \\ "so"';2020-01-01
            2;'open;
            """#
        try await Bench.with { bench in
            for text in [
                text, String(text.split(separator: "\n").prefix(2).joined(separator: "\n")),
            ] {
                let outcome = try await bench.run(dataset, [("a.txt", text)])
                #expect(
                    outcome.rows == [#"{"id":1,"name":"it's; \\ \"so\"","day":"2020-01-01"}"#])
            }
        }
    }

    @Test("keeps names and values that look like SQL as what they are")
    func injection() async throws {
        let evil = "x'); DROP TABLE records; --\\\"{{input}}"
        var column = Column(name: "evil name", field: evil, type: .text)
        column.accepted = [evil, "it's"]
        let dataset = Dataset.of([column, .of("t0", .integer)], key: ["t0"])
        let quoted = "\"\(evil.replacing("\"", with: "\"\""))\""
        try await Bench.with { bench in
            let outcome = try await bench.run(
                dataset, [("o'brien; --.csv", "\(quoted),t0\n\(quoted),1\nit's,2\nno,3\n")])
            #expect(outcome.counts == "3/0/0/1")
            #expect(Self.places(outcome.rejects) == ["0:4:\(evil):not_accepted"])
        }
    }

    @Test("of one column may have empty lines, which are records")
    func oneColumn() async throws {
        let dataset = Dataset.of([.of("a", .text)])
        try await Bench.with { bench in
            let outcome = try await bench.run(dataset, [("a.csv", "a\nx\n\ny\n")])
            #expect(outcome.rows == [#"{"a":"x"}"#, #"{"a":null}"#, #"{"a":"y"}"#])
        }
    }

    @Test("has a reject for a record that is too long, and the rest is read")
    func tooLong() async throws {
        let long = String(repeating: "x", count: 17 << 20)
        try await Bench.with { bench in
            let outcome = try await bench.run(
                Self.dataset, [("a.csv", "id,name,day\n1,a,\n2,\(long),\n3,c,\n")])
            #expect(outcome.counts == "3/0/0/1")
            #expect(Self.places(outcome.rejects) == ["0:3:-:too_long"])
            #expect(outcome.rejects.first?.raw.utf8.count == 64 << 10)
        }
    }

    @Test("reads a value of 10 MB")
    func longValue() async throws {
        let long = String(repeating: "ü\n", count: 3 << 20)
        try await Bench.with { bench in
            let outcome = try await bench.run(
                Self.dataset, [("a.csv", "id,name,day\n1,\"\(long)\",\n2,b,\n")])
            #expect(outcome.counts == "2/0/0/0")
        }
    }
}
