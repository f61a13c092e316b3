import Foundation
import Kit
import Pipelines
import Testing

@Suite("A broken pipeline.yaml")
struct BrokenTextTests {
    @Test("is reported, never crashed on, wherever it breaks", arguments: 0..<60)
    func broken(seed: Int) throws {
        let path = TestData.packageRoot + "/compose/pipelines/README.md"
        let page = try String(contentsOfFile: path, encoding: .utf8)
        let start = try #require(page.range(of: "```yaml\n")?.upperBound)
        let end = try #require(page[start...].range(of: "```")?.lowerBound)
        var letters = Array(page[start..<end])
        var random = SeededGenerator(seed: UInt64(seed))
        for _ in 0...Int.random(in: 0..<6, using: &random) {
            let at = Int.random(in: 0..<letters.count, using: &random)
            let length = Int.random(in: 1..<12, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: letters.removeSubrange(at..<min(letters.count, at + length))
            case 1: letters.insert(contentsOf: "{[:'\"-#*&!".shuffled(using: &random), at: at)
            case 2: letters.insert(contentsOf: "\n  - ü: {{\u{301}}}\n", at: at)
            default: letters.removeSubrange(at...)
            }
            if letters.isEmpty { letters = [" "] }
        }
        let (pipeline, report) = try lint(
            String(letters), files: ["clean.sql": "select * from {{input}}"])
        #expect((pipeline == nil) == (report.errors > 0), "seed \(seed)")
        #expect(report.text(colour: true).isEmpty == false)
        for diagnostic in report.diagnostics {
            #expect(diagnostic.line > 0 && diagnostic.column > 0 && diagnostic.length > 0)
        }
        _ = try report.json()
    }
}

/// The same numbers for the same seed (SplitMix64).
private struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
