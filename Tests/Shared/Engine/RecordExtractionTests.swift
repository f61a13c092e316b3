import Engine
import Foundation
import Kit
import Pipelines
import Processes
import Testing

@Suite("Records taken out of an object")
struct RecordExtractionTests {
    private static let dataset = Dataset.of([.of("id", .integer), .of("t", .text)])

    @Test(
        "are those of their lines, as they stand, behind the header",
        arguments: [
            (
                "\u{FEFF}id,t\r\n1,a\r\n2,\"b\r\nb\"\r\n3,c\r\n", [3, 5],
                "id,t\n2,\"b\r\nb\"\n3,c\n"
            ),
            ("\n\nid,t\n1,a\n\n2,b", [4, 6], "id,t\n1,a\n2,b\n"),
            ("id,t\r1,a\r2,b\r", [3], "id,t\n2,b\n"),
            ("id,t\n1,\"a\n2,b\n", [2, 3], "id,t\n1,\"a\n2,b\n"),
            ("id,t\n1,é😀\n2,\\N\n", [2, 3], "id,t\n1,é😀\n2,\\N\n"),
        ])
    func csv(text: String, lines: [Int], expected: String) async throws {
        let (copied, missing) = try await copy(Data(text.utf8), "a.csv", lines)
        #expect(copied == expected && missing.isEmpty)
    }

    @Test("are lines of JSON, whatever white space is around")
    func json() async throws {
        let text = "{\"id\":1}\r\n\n {\"id\":2}\n{\"id\":3}"
        let (copied, missing) = try await copy(Data(text.utf8), "a.jsonl", [3, 4, 9])
        #expect(copied == " {\"id\":2}\n{\"id\":3}\n" && missing == [9])
    }

    @Test("are texts of a JSON document, all of a line or none")
    func document() async throws {
        let text = "[{\"id\": 1}, {\"id\": 2},\n {\"id\": 3}]\n"
        let wanted = [(1, "{\"id\": 2}"), (1, "{\"id\": 7}"), (2, "{\"id\": 3}")].map {
            RecordExtraction.Wanted(line: $0, raw: $1, isCounted: false)
        }
        let (copied, missing) = try await copy(Data(text.utf8), "a.json", wanted)
        #expect(copied == "{\"id\": 3}\n" && missing == [1, 1])
    }

    @Test(
        "have the document around them that leads to them, and are no documents themselves",
        .enabled(if: Bench.isReady, "MILLRACE_DUCKDB names no duckdb"))
    func pathOfDocument() async throws {
        var dataset = Self.dataset
        dataset.format = .json(JSONFormat(path: ["data", "it\"s"]))
        let text =
            #"{"data":{"it\"s":[{"id":"x"}, {"id": 2},"# + "\n"
            + #"{"id":"y"}]}}"# + "\n" + #"{"id":3}"# + "\n"
        let found = [(1, #"{"id":"x"}"#), (2, #"{"id":"y"}"#), (3, #"{"id":3}"#)].map {
            RecordExtraction.Wanted(line: $0, raw: $1, isCounted: false)
        }
        let (copied, missing) = try await copy(Data(text.utf8), "a.json", found, dataset)
        #expect(
            copied == #"{"data":{"it\"s":{"id":"x"}}}"# + "\n" + #"{"data":{"it\"s":{"id":"y"}}}"#
                + "\n")
        #expect(missing == [3])
        try await Bench.with { [dataset] bench in
            let outcome = try await bench.run(
                dataset, [("a.json", copied.replacing("\"x\"", with: "1"))])
            #expect(outcome.rows == [#"{"id":1,"t":null}"#])
            #expect(outcome.rejects.map(\.raw) == [#"{"id":"y"}"#])
        }
    }

    @Test("come out of a packed object too")
    func packed() async throws {
        try await withFolder { folder in
            try Data("id,t\n1,a\n2,b\n".utf8).write(to: URL(filePath: folder + "/a.csv"))
            #expect(try await run(Command("gzip", [folder + "/a.csv"])).isSuccess)
            let bytes = try Data(contentsOf: URL(filePath: folder + "/a.csv.gz"))
            #expect(try await copy(bytes, "a.csv.gz", [3]).copied == "id,t\n2,b\n")
        }
    }

    @Test("are told by their count only as long as each record is one line")
    func counted() async throws {
        let text = "id,t\n1,a\n2,\"b\nb\"\n3,c\n"
        let (copied, missing) = try await copy(Data(text.utf8), "a.csv", [2, 3, 4], counted: true)
        #expect(copied == "id,t\n1,a\n2,\"b\nb\"\n" && missing == [4])
    }

    private func copy(
        _ bytes: Data, _ name: String, _ lines: [Int], counted: Bool = false
    ) async throws -> (copied: String, missing: [Int]) {
        let wanted = lines.map { line in
            RecordExtraction.Wanted(
                line: line, raw: line == 2 ? "1,\"a" : nil, isCounted: counted)
        }
        return try await copy(bytes, name, wanted)
    }

    private func copy(
        _ bytes: Data, _ name: String, _ wanted: [RecordExtraction.Wanted],
        _ dataset: Dataset = Self.dataset
    ) async throws -> (copied: String, missing: [Int]) {
        try await withFolder { folder in
            let path = "\(folder)/\(name)"
            try bytes.write(to: URL(filePath: path))
            let extraction = RecordExtraction(
                dataset: dataset, object: InputObject(name: name, location: path),
                scratch: folder)
            let missing = try await extraction.write(wanted, to: folder + "/copy")
            return (try String(contentsOfFile: folder + "/copy", encoding: .utf8), missing)
        }
    }
}
