import Events
import Foundation
import Kit
import Postgres
import Testing

@testable import loader

@Suite("The rows that an engine writes", .timeLimit(.minutes(5)))
struct RowStreamTests {
    @Test("come in whole records, each with its line, whatever is in the texts")
    func records() async throws {
        let texts = ["", "a", "a,b", "\"", "\"\"", "a\nb", "\n", "\\N", "é😀", "\r\n", ","]
        let records = (0..<texts.count * 3_000).map { number in
            let text = texts[number % texts.count].replacing("\"", with: "\"\"")
            return "\(number),\"\(text)\",\(number % 7 == 0 ? "\\N" : "x"),\(number + 2)"
        }
        var row = 0
        for chunk in try await chunks(of: records.joined(separator: "\n") + "\n") {
            for index in 0..<chunk.count {
                #expect(chunk.sources[index] == row + 2)
                let values = try chunk.values(of: index, ["n", "text", "rest"])
                let decoded = try JSONDecoder().decode(
                    [String: String?].self, from: Data(values.json.utf8))
                #expect(decoded["n"] == "\(row)" && decoded["text"] == texts[row % texts.count])
                #expect(values.last == (row % 7 == 0 ? nil : "x"))
                row += 1
            }
        }
        #expect(row == records.count)
    }

    @Test("are found by the line that the server counts")
    func lines() async throws {
        let chunk = try #require(
            try await chunks(of: "1,a,2\n2,\"b\nb\nb\",3\n3,c,6\n4,d,7\n").first)
        let whole = (1...6).map { chunk.row(at: $0, of: 0..<4) }
        #expect(whole == [0, 1, 1, 1, 2, 3])
        #expect(chunk.row(at: 1, of: 2..<4) == 2 && chunk.row(at: 9, of: 2..<4) == nil)
        #expect(String(decoding: chunk.bytes(of: 2..<4), as: UTF8.self) == "3,c\n4,d\n")
    }

    @Test("that end in the middle of one are the engine's failure", arguments: ["1,a", "1,\"a\n"])
    func cut(text: String) async throws {
        let error = await #expect(throws: HandlingError.self) { try await chunks(of: text) }
        #expect(error?.disposition == .transient)
    }

    private func chunks(of text: String) async throws -> [RowChunk] {
        let pipe = Pipe()
        Thread {
            pipe.fileHandleForWriting.write(Data(text.utf8))
            pipe.fileHandleForWriting.closeFile()
        }.start()
        let stream = RowStream(pipe.fileHandleForReading.fileDescriptor)
        var chunks: [RowChunk] = []
        while let chunk = try await stream.next() { chunks.append(chunk) }
        return chunks
    }
}

@Suite(
    "The isolation of rows", .enabled(if: TestWarehouse.isAvailable, "\(TestWarehouse.missing)"),
    .timeLimit(.minutes(5)))
struct RowIsolationTests {
    @Test(
        "leaves out exactly the refused ones, in order, whether the server names them or not",
        arguments: [true, false])
    func exact(isNamed: Bool) async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed \(seed)")
        var random = Seeded(seed)
        let bad = Set((0..<12).map { _ in Int.random(in: 0..<300, using: &random) }).union([0, 299])
        try await withDatabase { address in
            let pool = PostgresPool(address, size: 1, applicationName: "isolation tests")
            _ = try await pool.query("create table t (n int check (n >= 0))")
            var refused: [Int] = []
            try await pool.transaction { connection in
                try await RowIsolation.run(0..<300, connection) { rows in
                    for row in rows {
                        let value = bad.contains(row) ? -1 : row
                        try await connection.run("insert into t values ($1)", ["\(value)"])
                    }
                } place: { _, rows in
                    isNamed ? rows.first(where: bad.contains) : nil
                } refuse: { row, error in
                    #expect(error.sqlState == "23514")
                    refused.append(row)
                }
            }
            let rows = try await pool.query("select n from t order by ctid")
            #expect(try rows.map { try $0.integer("n") } == (0..<300).filter { !bad.contains($0) })
            #expect(refused == bad.sorted())
        }
    }
}

/// Random numbers that a printed seed brings back (SplitMix64).
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
