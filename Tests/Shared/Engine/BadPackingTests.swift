import Engine
import Events
import Foundation
import Kit
import Pipelines
import Processes
import Testing

@Suite("Bad packing", .enabled(if: Bench.isReady, "MILLRACE_DUCKDB names no duckdb"))
struct BadPackingTests {
    private static func packed(_ bytes: Data, _ bench: Bench, _ program: String = "gzip")
        async throws -> Data
    {
        let path = "\(bench.folder)/\(UUID().uuidString)"
        try bytes.write(to: URL(fileURLWithPath: path))
        return Data(try await run(Command(program, ["-c", path])).output)
    }

    @Test("is seen from the bytes, and never read as what it is not")
    func kinds() async throws {
        let text = Data("id,name\n1,a\n".utf8)
        try await Bench.with { bench in
            let once = try await Self.packed(text, bench)
            let files: [(name: String, bytes: Data)] = [
                ("none.csv.gz", text),
                ("two.csv.gz", once + (try await Self.packed(Data("2,b\n".utf8), bench))),
                ("twice.csv.gz", try await Self.packed(once, bench)),
                ("tail.csv.gz", once + Data("junk".utf8)),
                ("head.csv.gz", once.prefix(9)),
                ("z.csv.zst", try await Self.packed(text, bench, "zstd")),
                ("j.json.gz", try await Self.packed(Data(#"[{"id":7}]"#.utf8), bench)),
            ]
            let outcome = try await bench.run(BadTextTests.dataset, files: files)
            #expect(
                outcome.rows == [
                    #"{"id":1,"name":"a"}"#, #"{"id":1,"name":"a"}"#, #"{"id":2,"name":"b"}"#,
                    #"{"id":1,"name":"a"}"#, #"{"id":7,"name":null}"#,
                ])
            #expect(
                CSVTests.places(outcome.rejects) == [
                    "2:-:-:unreadable", "3:-:-:unreadable", "4:-:-:unreadable",
                ])
            #expect(outcome.rejects[0].message == "the object is packed more than once")
        }
    }

    @Test("that grows a thousand times ends at the limit", arguments: ["gzip", "zstd"])
    func bomb(program: String) async throws {
        try await withFolder { folder in
            let bench = Bench(
                folder: folder,
                engine: DuckDBEngine(
                    program: Bench.program ?? "duckdb", limits: EngineLimits(unpackedMegabytes: 4)))
            let bytes = try await Self.packed(
                Data(repeating: 0x0A, count: 64 << 20), bench, program)
            #expect(bytes.count < 1 << 20)
            let outcome = try await bench.run(BadTextTests.dataset, files: [("a.csv.gz", bytes)])
            #expect(outcome.rejects.map(\.message) == ["the object unpacks to more than 4 MiB"])
        }
    }

    @Test("does not get round the limit by an encoding")
    func growingText() async throws {
        try await withFolder { folder in
            let bench = Bench(
                folder: folder,
                engine: DuckDBEngine(
                    program: Bench.program ?? "duckdb", limits: EngineLimits(unpackedMegabytes: 1)))
            var dataset = BadTextTests.dataset
            dataset.format = .csv(CSVFormat(encoding: .windows1252))
            let bytes = Data("id,name\n1,".utf8) + Data(repeating: 0x80, count: 1 << 20)
            let outcome = try await bench.run(dataset, files: [("a.csv", bytes)])
            #expect(outcome.rejects.map(\.message) == ["the text is more than 1 MiB as UTF-8"])
        }
    }
}
