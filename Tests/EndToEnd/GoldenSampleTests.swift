import Foundation
import Kit
import Testing

extension EndToEnd {
    @Suite(
        "The real GoodReads capture",
        .enabled(if: GoldenSample.isHere, "needs the sample in MILLRACE_TEST_DATA"))
    struct GoldenSampleTests {
        @Test("gives the same tables twice, in any order, with older files last, as JSON lines")
        func sameTables() async throws {
            let stack = try TestStack.required()
            let warehouse = try stack.warehouse()
            let once = try await TestPipeline.apply("golden_once", stack)
            for dataset in TestPipeline.datasets {
                try await once.put(dataset, GoldenSample.file(dataset))
            }
            try await once.waitForModels(warehouse)
            try await counts(once)
            let expected = try await once.dump(warehouse)

            try await once.put("reviews", GoldenSample.file("reviews"), again: true)
            try await once.put("authors", GoldenSample.file("authors"), again: true)
            try await once.waitForModels(warehouse)
            #expect(try await once.dump(warehouse) == expected, "loaded again")

            let twice = try await TestPipeline.apply("golden_twice", stack)
            for dataset in TestPipeline.datasets.reversed() + ["users", "books"] {
                try await twice.put(dataset, GoldenSample.file(dataset), again: true)
            }
            try await twice.waitForModels(warehouse)
            #expect(try await twice.dump(warehouse) == expected, "in another order, some twice")

            let older = try await TestPipeline.apply("golden_older", stack)
            let folder = try stack.newFolder("older")
            for dataset in ["users", "reviews", "authors", "books"] {
                let files = [
                    try GoldenSample.file(dataset), try GoldenSample.older(dataset, in: folder),
                ]
                // Users and reviews end with the older file; the others begin with it.
                let isLast = ["users", "reviews"].contains(dataset)
                for file in isLast ? files : files.reversed() {
                    try await older.put(dataset, file)
                }
            }
            try await older.waitForModels(warehouse)
            #expect(try await older.dump(warehouse) == expected, "with older files last and first")

            let lines = try await TestPipeline.apply("golden_lines", stack)
            for dataset in TestPipeline.datasets {
                try await lines.put(dataset, GoldenSample.lines(dataset, in: folder))
            }
            try await lines.waitForModels(warehouse)
            #expect(try await lines.dump(warehouse) == expected, "as JSON lines")
        }

        private func counts(_ pipeline: TestPipeline) async throws {
            let warehouse = try pipeline.stack.warehouse()
            let expected = ["authors": 112, "books": 120, "reviews": 120, "users": 107]
            for (table, rows) in expected {
                let found = try await pipeline.number("select count(*) from {}.\(table)", warehouse)
                #expect(found == rows, "\(table)")
            }
            let orphans = try await pipeline.number(
                """
                select count(*) from {}.reviews
                where book_id not in (select book_id from {}.books)
                    or user_id not in (select user_id from {}.users)
                    or author_id not in (select author_id from {}.authors)
                """, warehouse)
            #expect(orphans == 0)
            for (reviews, authors) in [1: 105, 2: 6, 3: 1] {
                let found = try await pipeline.number(
                    """
                    select count(*) from (
                        select author_id from {}.reviews group by author_id
                        having count(*) = \(reviews)
                    ) as authors
                    """, warehouse)
                #expect(found == authors, "authors with \(reviews) reviews")
            }
            let most = try await pipeline.number(
                """
                select author_id from {}.reviews group by author_id order by count(*) desc limit 1
                """, warehouse)
            #expect(most == 14_311_354)
            for run in try await pipeline.runs() {
                #expect(run.read == 1651 && run.rejected == 0, "\(run.dataset)")
                #expect(run.isBalanced)
            }
        }
    }
}
