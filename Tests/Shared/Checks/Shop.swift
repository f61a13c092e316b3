import Pipelines

/// A small pipeline with a check of each kind.
enum Shop {
    static func reviews(_ checks: [Check]) -> Dataset {
        Dataset(
            name: "reviews",
            source: .files(FilesSource(path: "in", patterns: ["*"], settleMilliseconds: 100)),
            format: .jsonLines,
            columns: [
                Column(name: "review_id", field: "review_id", type: .bigint),
                Column(name: "rating", field: "rating", type: .smallint),
                Column(name: "body", field: "body", type: .text),
                Column(name: "book_id", field: "book_id", type: .bigint),
                Column(name: "added", field: "added", type: .timestamp),
            ],
            transform: nil,
            load: Load(mode: .merge, key: ["review_id"], newestBy: nil), checks: checks)
    }

    static func books() -> Dataset {
        Dataset(
            name: "books",
            source: .files(FilesSource(path: "in", patterns: ["*"], settleMilliseconds: 100)),
            format: .jsonLines, columns: [Column(name: "book_id", field: "book_id", type: .bigint)],
            transform: nil,
            load: Load(mode: .merge, key: ["book_id"], newestBy: nil), checks: [])
    }

    static func pipeline(_ checks: [Check] = [], model: [Check] = []) -> Pipeline {
        Pipeline(
            name: "shop", description: nil, schema: "shop",
            parameters: [Parameter(name: "top", type: .integer, value: "2")],
            datasets: [books(), reviews(checks)],
            models: [
                Model(
                    name: "best", sql: "select 1", dependsOn: ["reviews"], key: ["book_id"],
                    checks: model)
            ])
    }

    static func check(
        _ rule: Check.Rule, _ severity: Check.Severity = .block, name: String = "the check",
        limits: Check.Limits? = nil
    ) -> Check {
        Check(name: name, rule: rule, severity: severity, limits: limits)
    }

    /// Tables as the loader makes them, with four reviews of which several are wrong.
    static let tables = """
        create schema shop;
        create table shop.books (book_id bigint primary key, _source_id bigint);
        insert into shop.books values (1), (2);
        create table shop.reviews (
            review_id bigint, rating smallint, body text, book_id bigint, added timestamp);
        insert into shop.reviews values
            (1, 5, 'good', 1, '2020-02-01 10:00'), (2, 9, null, 7, '2020-02-02 10:00'),
            (2, -1, 'it''s "bad" \\', 2, '2031-01-01 00:00'),
            (null, 3, 'good', null, '2020-02-03 10:00');
        create table shop.best (book_id bigint, rank int);
        insert into shop.best values (1, 1), (1, 2), (2, 3);
        create unlogged table millrace_staging.staged as
            select *, 0 as _object from shop.reviews;
        grant usage on schema shop to millrace_reader;
        grant select on all tables in schema shop, millrace_staging to millrace_reader;
        """
}
