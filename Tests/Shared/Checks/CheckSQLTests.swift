import Pipelines
import Testing

@testable import Checks

@Suite("A check as SQL")
struct CheckSQLTests {
    private var sql: CheckSQL {
        CheckSQL(target: CheckTarget(Shop.reviews([]), of: Shop.pipeline()))
    }

    @Test("asks for many rules about single rows in one scan, with values bound")
    func scan() {
        var scan = TableScan(CheckTarget(Shop.reviews([]), of: Shop.pipeline()))
        let rules: [Check.Rule] = [
            .notNull(column: "body"), .range(column: "rating", minimum: "0", maximum: "5"),
            .rowCount(minimum: 1, maximum: nil),
            .range(column: "added", minimum: nil, maximum: "2030-01-01"),
            .acceptedValues(column: "body", values: ["a\"b", "c\\d", "e,f", ""]),
            .unique(columns: ["review_id"]),
            .reference(column: "book_id", to: "books", toColumn: "book_id"),
            .reference(column: "book_id", to: "best", toColumn: "book_id"),
            .anomaly(Anomaly(metric: .mean, column: "rating")),
            .reconcile(Reconciliation(sum: "rating", to: "best", toColumn: "rank")),
        ]
        var isScanned: [Bool] = []
        for (index, rule) in rules.enumerated() { isScanned.append(scan.add(rule, index)) }
        #expect(isScanned == rules.map { $0 != .unique(columns: ["review_id"]) })
        let statement = scan.statement
        #expect(
            statement.sql == """
                select count(*) as rows,
                    count(*) filter (where row_at_hand."body" is null) as value_0,
                    count(*) filter (where row_at_hand."rating" < $1::numeric or row_at_hand."rating" > $2::numeric) as value_1,
                    count(*) filter (where row_at_hand."added" > $3) as value_3,
                    count(*) filter (where row_at_hand."body"::text <> all ($4::text[])) as value_4,
                    count(*) filter (where row_at_hand."book_id" is not null and other_6."book_id" is null) as value_6,
                    count(*) filter (where row_at_hand."book_id" is not null and other_7."book_id" is null) as value_7,
                    avg(row_at_hand."rating")::float8 as value_8,
                    sum(row_at_hand."rating") as value_9,
                    (select sum("rank") from "shop"."best") as other_9
                from "shop"."reviews" as row_at_hand
                left join "shop"."books" as other_6 on other_6."book_id" = row_at_hand."book_id"
                left join (select distinct "book_id" from "shop"."best") as other_7 on other_7."book_id" = row_at_hand."book_id"
                """)
        #expect(
            statement.parameters == ["0", "5", "2030-01-01", #"{"a\"b","c\\d","e,f",""}"#])
    }

    @Test("quotes names, whatever they hold")
    func names() {
        var scan = TableScan(CheckTarget(Shop.reviews([]), of: Shop.pipeline()))
        let isScanned = scan.add(.notNull(column: #"a" is null); drop table x --"#), 0)
        #expect(isScanned)
        #expect(scan.statement.sql.contains(#""a"" is null); drop table x --" is null)"#))
    }

    @Test("counts surplus rows of a key, not its groups")
    func unique() throws {
        let statement = try sql.count(.unique(columns: ["book_id", "rating"]))
        #expect(
            statement.sql == """
                select coalesce(sum(copies - 1), 0) as failing from (
                select "book_id", "rating", count(*) as copies from "shop"."reviews"
                where "book_id" is not null and "rating" is not null \
                group by "book_id", "rating" having count(*) > 1
                ) as found
                """)
    }

    @Test("compares beginnings where a regular expression says no more than one")
    func beginnings() {
        #expect(LiteralPattern.prefix(of: "^https://a\\.example/") == "https://a.example/")
        #expect(LiteralPattern.prefix(of: "^ä b_\\$") == "ä b_$")
        for other in [
            "", "^", "a", "^a$", "^a|b", "^a\\d", "^a\\1", "^a.", "^(a)", "^a\\", "^a+", "^[a]",
        ] {
            #expect(LiteralPattern.prefix(of: other) == nil, "\(other)")
        }
    }

    @Test("looks for a referred row of its own dataset in the batch too")
    func ownReference() throws {
        let staging = CheckSQL(
            target: CheckTarget(Shop.reviews([]), of: Shop.pipeline(), staging: "s"))
        let own = try staging.count(
            .reference(column: "book_id", to: "reviews", toColumn: "review_id"))
        #expect(own.sql.contains(#"from "shop"."reviews" as other"#))
        #expect(own.sql.contains(#"from millrace_staging."s" as other"#))
        let other = try staging.count(
            .reference(column: "book_id", to: "books", toColumn: "book_id"))
        #expect(other.sql.contains(#"from "shop"."books" as other"#))
        #expect(!other.sql.contains(#""s" as other"#))
    }

    @Test("closes written SQL safely: no semicolon, and a comment at its end stays inside")
    func written() throws {
        let statement = try sql.count(
            .sql("select * from {{table}} limit {{top}} -- all of it\n ; \n"))
        #expect(
            statement.sql == """
                select count(*) as failing from (
                select * from "shop"."reviews" limit '2'::integer -- all of it
                ) as found
                """)
    }
}
