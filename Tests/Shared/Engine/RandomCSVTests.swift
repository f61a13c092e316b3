import Engine
import Events
import Foundation
import Kit
import Pipelines
import Testing

@Suite("A random CSV object", .enabled(if: Bench.isReady, "MILLRACE_DUCKDB names no duckdb"))
struct RandomCSVTests {
    static let dataset = Dataset.of([
        .of("n", .integer), Column(name: "a", field: "a", type: .text, nulls: []),
        Column(name: "b", field: "b", type: .text, nulls: []),
    ])

    @Test("is read alike by DuckDB and by our own scanner", arguments: 1...6 as ClosedRange<UInt64>)
    func twoReaders(seed: UInt64) async throws {
        var random = Seeded(state: seed)
        let records = (0..<400).map { "\($0),\(field(&random)),\(field(&random))\n" }
        let text = "n,a,b\n" + records.joined()
        try await Bench.with { bench in
            let direct = try await bench.run(Self.dataset, [("a.csv", text)])
            // One fault at the end, and DuckDB does not take it.
            let scanned = try await bench.run(Self.dataset, [("a.csv", text + "7,x\n")])
            #expect(direct.counts == "400/0/0/0")
            #expect(scanned.counts == "401/0/0/1")
            #expect(scanned.rejects.first?.raw == "7,x")
            #expect(scanned.rows == direct.rows)
            let lines = text.utf8.count { $0 == UInt8(ascii: "\n") }
            #expect(scanned.rejects.first?.line == lines + 1)
        }
    }

    @Test("is counted in full, whatever is broken in it", arguments: 1...12 as ClosedRange<UInt64>)
    func broken(seed: UInt64) async throws {
        var random = Seeded(state: seed &* 7_919)
        let records = (0..<60).map { "\($0),\(field(&random)),\(field(&random))\n" }
        var bytes = Array(("n,a,b\n" + records.joined()).utf8)
        let noise = Array("\",\n\r\0\\x".utf8) + [0xFF]
        for _ in 0..<Int.random(in: 1...20, using: &random) {
            let place = Int.random(in: 6..<bytes.count, using: &random)
            bytes[place] = noise.randomElement(using: &random) ?? 0
        }
        try await Bench.with { bench in
            let outcome = try await bench.run(Self.dataset, files: [("a.csv", Data(bytes))])
            #expect(outcome.report.counts.kept == outcome.rows.count)
            #expect(outcome.report.counts.rejected == outcome.rejects.count)
            #expect(outcome.rejects.allSatisfy { $0.line != nil && !$0.raw.isEmpty })
            // Twenty broken bytes cost some records, and by no means all.
            #expect(outcome.rows.count >= 10)
        }
    }

    private func field(_ random: inout Seeded) -> String {
        let pieces = ["a", "é", " ", ",", "\"\"", "\n", "\r\n", ";", "\",\"", "1", "\\"]
        let count = Int.random(in: 0...6, using: &random)
        let text = (0..<count).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
        let plain = text.allSatisfy { $0.isLetter || $0 == ";" || $0 == " " || $0 == "1" }
        guard !plain || Bool.random(using: &random) else { return text }
        return "\"\(text.replacing("\"\"", with: "\"").replacing("\"", with: "\"\""))\""
    }

    /// Numbers that look random and are the same for the same seed (SplitMix64's way of mixing).
    private struct Seeded: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }
}
