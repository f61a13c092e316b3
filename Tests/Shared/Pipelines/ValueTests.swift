import Testing

@testable import Pipelines

@Suite("A value in the language")
struct ValueTests {
    @Test(
        "is a date or time only if the calendar has it",
        arguments: [
            ("1970-01-01", 0), ("1970-01-02 00:00:01", 86_401_000_000),
            ("2020-02-19T18:36:17.5-08:00", 1_582_166_177_500_000),
            ("1969-12-31 23:59:59Z", -1_000_000), ("2000-02-29", 951_782_400_000_000),
            ("1900-02-29", nil), ("2020-13-01", nil), ("2020-01-01 24:00:00", nil),
            ("2020-01-01Z", nil), ("2020-1-1", nil), ("2020-01-01 10:00:00+99", nil),
        ])
    func times(text: String, microseconds: Int?) {
        #expect(TimeText(text)?.microseconds == microseconds)
    }

    @Test(
        "fits its type or not",
        arguments: [
            (ColumnType.smallint, "32767", true), (.smallint, "32768", false),
            (.integer, "-2147483648", true), (.bigint, "9223372036854775808", false),
            (.double, "4.25", true), (.double, "1e10", true), (.double, "NaN", false),
            (.boolean, "true", true), (.boolean, "yes", false), (.json, "{\"a\": 1}", true),
            (.json, "{", false), (.date, "2020-01-01 00:00", false),
            (.timestamp, "2020-01-01 10:00:00", true), (.timestamp, "2020-01-01T10:00Z", false),
            (.timestamptz, "2020-01-01 10:00:00", false), (.text, "", true),
        ])
    func types(type: ColumnType, text: String, fits: Bool) {
        #expect(type.accepts(text) == fits)
    }

    @Test(
        "is near to what was meant",
        arguments: [
            ("pagination", ["path", "pages", "source"], "pages"),
            ("colums", ["columns"], "columns"),
            ("id", ["book_id", "title"], "book_id"), ("zzz", ["columns"], nil),
            ("raeding", ["reading", "heading"], "reading"), ("", ["a"], "a"),
        ])
    func spelling(typed: String, words: [String], nearest: String?) {
        #expect(Spelling.nearest(to: typed, among: words) == nearest)
    }
}
