import Pipelines
import Testing

@testable import quality

@Suite("A check as SQL")
struct CheckSQLTests {
    private var sql: CheckSQL {
        CheckSQL(target: CheckTarget(Fixture.reviews([]), of: Fixture.pipeline()))
    }

    @Test("asks for many rules about single rows in one scan, with values bound")
    func scan() {
        let statement = sql.scan([
            .notNull(column: "body"), .range(column: "rating", minimum: "0", maximum: "5"),
            .rowCount(minimum: 1, maximum: nil),
            .range(column: "added", minimum: nil, maximum: "2030-01-01"),
            .acceptedValues(column: "body", values: ["a\"b", "c\\d", "e,f", ""]),
        ])
        #expect(
            statement.sql == """
                select count(*) as rows,
                    count(*) filter (where "body" is null) as failing_0,
                    count(*) filter (where "rating" < $1::numeric or "rating" > $2::numeric) as failing_1,
                    count(*) filter (where "added" > $3) as failing_3,
                    count(*) filter (where "body"::text <> all ($4::text[])) as failing_4
                from "shop"."reviews"
                """)
        #expect(
            statement.parameters == ["0", "5", "2030-01-01", #"{"a\"b","c\\d","e,f",""}"#])
    }

    @Test("quotes names, whatever they hold")
    func names() {
        let statement = sql.scan([.notNull(column: #"a" is null); drop table x --"#)])
        #expect(statement.sql.contains(#"where "a"" is null); drop table x --" is null"#))
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

    @Test("looks for a referred row of its own dataset in the batch too")
    func ownReference() throws {
        let staging = CheckSQL(
            target: CheckTarget(Fixture.reviews([]), of: Fixture.pipeline(), staging: "s"))
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
