import Foundation
import Stack

/// What is to be measured: `bench [--tries N] [--rows N] [--out FILE]`.
struct BenchPlan: Sendable {
    var tries = 30
    var rows = 200_000
    /// The file that gets one more line of JSON.
    var output = "bench.jsonl"

    init(_ words: ArraySlice<String>) throws {
        var rest = words
        while let word = rest.popFirst() {
            guard let value = rest.popFirst() else { throw BenchError("\(word) has no value") }
            switch word {
            case "--tries": tries = try Self.number(value, word)
            case "--rows": rows = try Self.number(value, word)
            case "--out": output = value
            default: throw BenchError("unknown flag \(word); there are --tries, --rows and --out")
            }
        }
    }

    private static func number(_ text: String, _ word: String) throws -> Int {
        guard let number = Int(text), number > 0 else {
            throw BenchError("\(word) is `\(text)`; it must be a number above 0")
        }
        return number
    }
}
