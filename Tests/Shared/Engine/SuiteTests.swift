import Engine
import Events
import Foundation
import Kit
import Pipelines
import Testing

@Suite("A suite of others", .enabled(if: Bench.isReady, "MILLRACE_DUCKDB names no duckdb"))
struct SuiteTests {
    private static let json = "messy/JSONTestSuite/test_parsing"
    private static let csv = "messy/csv-spectrum"

    /// JSON that others may take and we do not, because a warehouse cannot keep it, and the reason.
    private static let stricter = [
        // PostgreSQL keeps no NUL in a text.
        "y_string_null_escape.json": "nul_byte", "y_object_escaped_null_in_key.json": "nul_byte",
        // Half of a surrogate pair is no text.
        "i_object_key_lone_2nd_surrogate.json": "bad_value",
        "i_string_1st_surrogate_but_2nd_missing.json": "bad_value",
        "i_string_1st_valid_surrogate_2nd_invalid.json": "bad_value",
        "i_string_incomplete_surrogate_and_escape_valid.json": "bad_value",
        "i_string_incomplete_surrogate_pair.json": "bad_value",
        "i_string_incomplete_surrogates_escape_valid.json": "bad_value",
        "i_string_invalid_lonely_surrogate.json": "bad_value",
        "i_string_invalid_surrogate.json": "bad_value",
        "i_string_inverted_surrogates_U+1D11E.json": "bad_value",
        "i_string_lone_second_surrogate.json": "bad_value",
        // Not UTF-8.
        "i_string_UTF-8_invalid_sequence.json": "invalid_utf8",
        "i_string_UTF8_surrogate_U+D800.json": "invalid_utf8",
        "i_string_invalid_utf-8.json": "invalid_utf8",
        "i_string_iso_latin_1.json": "invalid_utf8",
        "i_string_lone_utf8_continuation_byte.json": "invalid_utf8",
        "i_string_not_in_unicode_range.json": "invalid_utf8",
        "i_string_overlong_sequence_2_bytes.json": "invalid_utf8",
        "i_string_overlong_sequence_6_bytes.json": "invalid_utf8",
        "i_string_overlong_sequence_6_bytes_null.json": "invalid_utf8",
        "i_string_truncated-utf-8.json": "invalid_utf8",
        "i_string_UTF-16LE_with_BOM.json": "invalid_utf8",
        "i_string_utf16BE_no_BOM.json": "invalid_utf8",
        "i_string_utf16LE_no_BOM.json": "invalid_utf8",
        // A mark in the middle; at the start of an object it is left out.
        "i_structure_UTF-8_BOM_empty_object.json": "malformed",
        // More digits than `jsonb` surely keeps.
        "i_number_huge_exp.json": "out_of_range", "i_number_real_neg_overflow.json": "out_of_range",
        "i_number_real_pos_overflow.json": "out_of_range",
        "i_number_real_underflow.json": "out_of_range",
    ]

    /// What is no JSON text, and is read all the same: documents one behind the other.
    private static let laxer = ["n_structure_double_array.json"]

    private static func files(_ prefixes: String...) throws -> [(name: String, bytes: Data)] {
        let folder = try #require(TestData.path(json))
        return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
            .filter { name in prefixes.contains(where: name.hasPrefix) }
            .map { ($0, try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\($0)"))) }
    }

    @Test(
        "says what JSON is, and each value is kept as it is written",
        .enabled(if: TestData.path(json) != nil, "the test data is not here"))
    func values() async throws {
        let files = try Self.files("y_", "i_")
        try #require(files.count > 100)
        let dataset = Dataset.of(
            [Column(name: "j", field: "j", type: .json, nulls: [])], format: .json(JSONFormat()))
        try await Bench.with { bench in
            let outcome = try await bench.run(
                dataset,
                files: files.map { ($0.name, Data("{\"j\":".utf8) + $0.bytes + Data("}".utf8)) })
            for (index, file) in files.enumerated() {
                let rejects = outcome.rejects.filter { $0.object == index }
                #expect(
                    rejects.map(\.reason) == [Self.stricter[file.name]].compactMap { $0 },
                    "\(file.name)")
                #expect(outcome.report.objects[index].counts.read == 1, "\(file.name)")
            }
            let path = try #require(outcome.processed)
            let rows = try await bench.query(
                "SELECT _object || ' ' || coalesce(hex(encode(j)), 'NULL') FROM read_parquet('\(path)')"
            )
            for row in rows.split(separator: "\n") {
                let words = row.split(separator: " ")
                let file = files[try #require(Int(words[0]))]
                let text = String(decoding: file.bytes, as: UTF8.self)
                    .trimmingCharacters(in: .whitespacesAndNewlines)
                let hex = text.utf8.map { String(format: "%02X", $0) }.joined()
                #expect(words[1] == (text == "null" ? "NULL" : hex), "\(file.name)")
            }
        }
    }

    @Test(
        "says what JSON is not, and each fault has its line and byte",
        .enabled(if: TestData.path(json) != nil, "the test data is not here"))
    func faults() async throws {
        let files = try Self.files("n_")
        try #require(files.count > 180)
        let dataset = Dataset.of(
            [.of("j", .json)], contract: Contract(newColumns: .discardValue),
            format: .json(JSONFormat()))
        let empty = [
            "n_structure_no_data.json", "n_structure_UTF8_BOM_no_data.json", "n_single_space.json",
        ]
        try await Bench.with { bench in
            let outcome = try await bench.run(dataset, files: files)
            for (index, file) in files.enumerated() {
                let rejects = outcome.rejects.filter { $0.object == index }
                let isPlaced = rejects.contains {
                    $0.message.contains(/\(line \d+, byte \d+\)/)
                        || $0.reason == "invalid_utf8" && $0.line != nil
                        || empty.contains(file.name) && $0.message == "the object is empty"
                }
                #expect(isPlaced != Self.laxer.contains(file.name), "\(file.name): \(rejects)")
            }
        }
    }

    @Test(
        "says what CSV is",
        .enabled(if: TestData.path(csv) != nil, "the test data is not here"),
        arguments: [
            "comma_in_quotes", "empty", "empty_crlf", "escaped_quotes", "json", "newlines",
            "newlines_crlf", "quotes_and_newlines", "simple", "simple_crlf", "utf8",
        ])
    func spectrum(name: String) async throws {
        let folder = try #require(TestData.path(Self.csv))
        let expected = try JSONDecoder().decode(
            [[String: String]].self,
            from: Data(contentsOf: URL(fileURLWithPath: "\(folder)/json/\(name).json")))
        let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/csvs/\(name).csv"))
        let fields = try #require(expected.first).keys.sorted()
        let columns = fields.map { Column(name: $0, field: $0, type: .text, nulls: []) }
        try await Bench.with { bench in
            let outcome = try await bench.run(.of(columns), files: [("\(name).csv", bytes)])
            let rows = try outcome.rows.map {
                try JSONDecoder().decode([String: String].self, from: Data($0.utf8))
            }
            #expect(rows == expected)
        }
    }
}
