import Pipelines
import Testing

@Suite("A rule of a dataset")
struct DatasetRuleTests {
    private static func column(_ text: String) -> String {
        yaml(
            columns: "{book_id: bigint, seen_at: timestamp, \(text)}")
    }

    @Test(
        "is kept by columns",
        arguments: [
            Mistake(yaml(columns: "{}", load: "append"), .empty, at: "6:14"),
            Mistake(column("Title: text"), .badName, at: "6:52", "title"),
            Mistake(column("_line: text"), .reservedName, at: "6:52"),
            Mistake(column("xmin: text"), .reservedName, at: "6:52"),
            Mistake(column("no: text"), .ambiguousText, at: "6:52"),
            Mistake(column("a: varchar"), .unknownWord, at: "6:55", "text"),
            Mistake(column("a: txet"), .unknownWord, at: "6:55", "text"),
            Mistake(column("a: text requird"), .unknownWord, at: "6:60", "required"),
            Mistake(column("a: text required optional"), .optionalKey, at: "6:52"),
            Mistake(column("a: [text]"), .wrongKind, at: "6:55"),
            Mistake(column("a: {required: true}"), .missingKey, at: "6:52", "type"),
            Mistake(column("a: {type: text, required: yes}"), .badValue, at: "6:78"),
            Mistake(column("a: {type: text, format: \"%Y\"}"), .misplacedOption, at: "6:68"),
            Mistake(
                column("a: {type: bigint, collapse_whitespace: true}"), .misplacedOption,
                at: "6:70"),
            Mistake(column("a: {type: text, min: 1}"), .misplacedOption, at: "6:68"),
            Mistake(column("a: {type: boolean, accepted: [x]}"), .misplacedOption, at: "6:71"),
            Mistake(column("a: {type: text, accepted: []}"), .empty, at: "6:78"),
            Mistake(column("a: {type: text, accepted: [on]}"), .ambiguousText, at: "6:79"),
            Mistake(column("a: {type: integer, accepted: [x]}"), .valueOfOtherType, at: "6:82"),
            Mistake(column("a: {type: smallint, max: 40000}"), .valueOfOtherType, at: "6:77"),
            Mistake(column("a: {type: double, min: 5, max: 1}"), .reversedLimits, at: "6:75"),
            Mistake(
                column("a: {type: date, min: 2020-02-02, max: 2020-02-01}"), .reversedLimits,
                at: "6:73"),
            Mistake(column("a: {type: date, format: nothing}"), .badValue, at: "6:76"),
            Mistake(column("a: {type: date, format: \"%Q\"}"), .badValue, at: "6:76"),
            Mistake(column("a: {type: timestamptz, format: \"%Y\"}"), .badValue, at: "6:83"),
            Mistake(column("a: {type: timestamp, format: \"%Y %z\"}"), .badValue, at: "6:81"),
            Mistake(column("a: {type: text, field: book_id}"), .usedName, at: "6:52"),
        ])
    func columns(mistake: Mistake) throws { try mistake.expectAlone() }

    @Test(
        "is kept by the load",
        arguments: [
            Mistake(yaml(load: "merge"), .keylessMerge, at: "7:11"),
            Mistake(yaml(load: "{mode: merge}"), .keylessMerge, at: "7:18"),
            Mistake(yaml(load: "{mode: upsert, key: book_id}"), .unknownWord, at: "7:18"),
            Mistake(yaml(load: "{key: id}"), .unknownColumn, at: "7:17", "book_id"),
            Mistake(yaml(load: "{key: []}"), .empty, at: "7:17"),
            Mistake(yaml(load: "{key: [book_id, book_id]}"), .repeatedItem, at: "7:27"),
            Mistake(
                yaml(load: "{key: book_id, newest_by: seen}"), .unknownColumn, at: "7:37",
                "seen_at"),
            Mistake(yaml(load: "{key: book_id, newest_by: title}"), .misplacedOption, at: "7:37"),
            Mistake(yaml(load: "{mode: append, key: book_id}"), .misplacedOption, at: "7:26"),
            Mistake(
                yaml(columns: "{book_id: bigint optional}", load: "{key: book_id}"), .optionalKey,
                at: "7:17"),
        ])
    func load(mistake: Mistake) throws { try mistake.expectAlone() }

    private static func check(_ text: String) -> String {
        yaml(dataset: "checks: [\(text)]")
    }

    @Test(
        "is kept by checks",
        arguments: [
            Mistake(yaml(dataset: "checks: []"), .empty, at: "8:13"),
            Mistake(yaml(dataset: "checks: {not_null: book_id}"), .wrongKind, at: "8:13"),
            Mistake(check("{severity: warn}"), .badCheck, at: "8:14"),
            Mistake(check("{not_null: book_id, unique: book_id}"), .badCheck, at: "8:34"),
            Mistake(check("{notnull: book_id}"), .unknownKey, at: "8:15", "not_null"),
            Mistake(check("{not_null: id}"), .unknownColumn, at: "8:25", "book_id"),
            Mistake(
                check("{not_null: book_id, severity: block!}"), .unknownWord, at: "8:44", "block"),
            Mistake(check("{not_null: book_id}, {not_null: book_id}"), .usedName, at: "8:35"),
            Mistake(
                check("{not_null: [book_id, title], name: both}"), .badCheck, at: "8:49"),
            Mistake(check("{unique: []}"), .empty, at: "8:23"),
            Mistake(check("{range: {column: book_id}}"), .missingKey, at: "8:22"),
            Mistake(check("{range: {column: title, min: 1}}"), .misplacedOption, at: "8:31"),
            Mistake(
                check("{range: {column: book_id, min: 5, max: 0}}"), .reversedLimits, at: "8:45"),
            Mistake(
                check("{range: {column: book_id, min: a}}"), .valueOfOtherType, at: "8:45"),
            Mistake(
                check("{accepted_values: {column: title, values: []}}"), .empty, at: "8:56"),
            Mistake(
                check("{accepted_values: {column: book_id, values: [x]}}"), .valueOfOtherType,
                at: "8:59"),
            Mistake(check("{row_count: {}}"), .missingKey, at: "8:26"),
            Mistake(check("{row_count: {min: -1}}"), .badValue, at: "8:32"),
            Mistake(check("{row_count: {min: 2, max: 1}}"), .reversedLimits, at: "8:32"),
            Mistake(check("{reference: {column: book_id, to: book}}"), .badValue, at: "8:48"),
            Mistake(
                check("{reference: {column: book_id, to: boks.book_id}}"), .unknownTable,
                at: "8:48", "books"),
            Mistake(
                check("{reference: {column: book_id, to: books.id}}"), .unknownColumn, at: "8:54",
                "book_id"),
            Mistake(
                check("{reference: {column: book_id, to: books.book_id}, severity: block}"),
                .earlyReference, at: "8:74"),
            Mistake(check("{sql: \"select 1 from {{table}}\"}"), .missingKey, at: "8:14", "name"),
            Mistake(check("{name: a, sql: select 1}"), .unusedInput, at: "8:29"),
        ])
    func checks(mistake: Mistake) throws { try mistake.expectAlone() }
}
