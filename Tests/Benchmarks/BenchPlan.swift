import Foundation
import Stack

/// What is to be measured: `bench [--only broker|files|checks|alerts] [--tries N] [--rows N]
/// [--rounds N] [--out FILE]`.
struct BenchPlan: Sendable {
    /// A part of the measuring. Checks and alerts are measured only when they are asked for: they
    /// take long.
    enum Part: String, CaseIterable { case broker, files, checks, alerts }

    var parts = [Part.broker, .files]
    var tries = 30
    /// Nil for the usual number of what is measured.
    var rows: Int?
    /// How often ours and others take turns; nil for the usual number.
    var rounds: Int?
    /// The file that gets one more line of JSON.
    var output = "bench.jsonl"

    init(_ words: ArraySlice<String>) throws {
        var rest = words
        while let word = rest.popFirst() {
            guard let value = rest.popFirst() else { throw BenchError("\(word) has no value") }
            switch word {
            case "--tries": tries = try Self.number(value, word)
            case "--rows": rows = try Self.number(value, word)
            case "--rounds": rounds = try Self.number(value, word)
            case "--only": parts = [try Self.part(value)]
            case "--out": output = value
            default:
                throw BenchError(
                    "unknown flag \(word); there are --only, --tries, --rows, --rounds and --out")
            }
        }
    }

    private static func part(_ text: String) throws -> Part {
        guard let part = Part(rawValue: text) else {
            throw BenchError("--only is `\(text)`; it must be broker, files, checks or alerts")
        }
        return part
    }

    private static func number(_ text: String, _ word: String) throws -> Int {
        guard let number = Int(text), number > 0 else {
            throw BenchError("\(word) is `\(text)`; it must be a number above 0")
        }
        return number
    }
}
