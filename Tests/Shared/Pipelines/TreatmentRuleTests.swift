import Pipelines
import Testing

@Suite("A rule of what is done with values")
struct TreatmentRuleTests {
    private static func column(_ text: String) -> String {
        yaml(columns: "{book_id: bigint, seen_at: timestamp, \(text)}")
    }

    @Test(
        "is kept by codes",
        arguments: [
            Mistake(column("a: {type: text, map: {}}"), .empty, at: "6:73"),
            Mistake(column("a: {type: text, map: m}"), .wrongKind, at: "6:73"),
            Mistake(column("a: {type: text, map: {m: [x]}}"), .wrongKind, at: "6:77"),
            Mistake(column("a: {type: text, map: {no: x}}"), .ambiguousText, at: "6:74"),
            Mistake(column("a: {type: text, map: {m: no}}"), .ambiguousText, at: "6:77"),
            Mistake(column("a: {type: integer, map: {m: x}}"), .valueOfOtherType, at: "6:80"),
            Mistake(column("a: {type: json, map: {m: x}}"), .misplacedOption, at: "6:68"),
            Mistake(column("a: {type: text, map: {\"\": x}}"), .misplacedOption, at: "6:74"),
            Mistake(column("a: {type: text, map: {m: x}, else: drop}"), .unknownWord, at: "6:87"),
            Mistake(column("a: {type: text, else: keep}"), .misplacedOption, at: "6:68"),
        ])
    func codes(mistake: Mistake) throws { try mistake.expectAlone() }

    @Test(
        "is kept by personal data",
        arguments: [
            Mistake(column("a: {type: text, personal: hide}"), .unknownWord, at: "6:78"),
            Mistake(column("a: {type: bigint, personal: hash}"), .misplacedOption, at: "6:70"),
            Mistake(column("a: {type: date, personal: mask}"), .misplacedOption, at: "6:68"),
            Mistake(
                yaml(columns: "{book_id: {type: text, personal: mask}, seen_at: timestamp}"),
                .misplacedOption, at: "7:5"),
            Mistake(
                yaml(columns: "{book_id: {type: text, personal: drop}, seen_at: timestamp}"),
                .misplacedOption, at: "7:5"),
            Mistake(
                yaml(columns: "{book_id: bigint, seen_at: {type: timestamp, personal: drop}}"),
                .misplacedOption, at: "7:5"),
            Mistake(
                yaml(columns: "{a: {type: text, personal: drop}}", load: "append"), .empty,
                at: "6:5"),
            Mistake(
                yaml(
                    columns:
                        "{book_id: bigint, seen_at: timestamp, a: {type: date, personal: drop}}",
                    dataset: "checks: [{not_null: a}]"), .unknownColumn, at: "8:25"),
            Mistake(
                yaml(
                    columns:
                        "{book_id: bigint, seen_at: timestamp, a: {type: text, personal: hash}}",
                    dataset: "contract: evolve"), .misplacedOption, at: "8:5"),
        ])
    func personal(mistake: Mistake) throws { try mistake.expectAlone() }

    @Test(
        "is kept by marks, encodings and epochs",
        arguments: [
            Mistake(yaml(dataset: "format: {csv: {decimal: \",,\"}}"), .badValue, at: "8:29"),
            Mistake(yaml(dataset: "format: {csv: {delimiter: \"||\"}}"), .badValue, at: "8:31"),
            Mistake(yaml(dataset: "format: {csv: {decimal: \"5\"}}"), .badValue, at: "8:29"),
            Mistake(yaml(dataset: "format: {csv: {thousands: \".\"}}"), .badValue, at: "8:31"),
            Mistake(
                yaml(dataset: "format: {csv: {encoding: utf8}}"), .unknownWord, at: "8:30", "utf-16"
            ),
            Mistake(column("a: {type: timestamp, format: epoch_s}"), .badValue, at: "6:81"),
            Mistake(column("a: {type: timestamptz, format: epoch}"), .badValue, at: "6:83"),
        ])
    func marks(mistake: Mistake) throws { try mistake.expectAlone() }

    @Test("leaves a pipeline that comes back from JSON unchanged")
    func stored() throws {
        let text = yaml(
            columns: """
                {book_id: {type: text, personal: hash}, seen_at: {type: timestamptz, format: [epoch_ms, "%c %z"]},
                      a: {type: text, map: {m: male, "1": "no"}, else: keep}, b: {type: date, personal: drop, field: B b}}
                """,
            dataset: "format: {csv: {encoding: windows-1252, decimal: \",\", thousands: \".\"}}")
        let pipeline = try #require(try lint(text).pipeline)
        let dataset = try #require(pipeline.datasets.first)
        #expect(dataset.columns.map(\.name) == ["book_id", "seen_at", "a"])
        #expect(dataset.dropped == ["B b"])
        #expect(dataset.columns[0].personal == .hash)
        #expect(dataset.columns[2].map == CodeMap(values: ["m": "male", "1": "no"], others: .keep))
        #expect(
            dataset.format
                == .csv(CSVFormat(encoding: .windows1252, decimal: ",", thousands: ".")))
        #expect(try PipelineJSON.decode(PipelineJSON.encode(pipeline)) == pipeline)
    }
}
