import Foundation
import Kit
import Processes
import Stack
import Testing

/// The real capture: four files of 1,651 rows each.
struct GoldenSample: Sendable {
    static let files = [
        "authors": "author.csv", "books": "book.csv", "reviews": "reviews.csv",
        "users": "user.csv",
    ]

    static var isHere: Bool { TestData.path("goodreads_sample/reviews.csv") != nil }

    /// The file of a dataset.
    static func file(_ dataset: String) throws -> URL {
        let name = try #require(files[dataset])
        return URL(filePath: try #require(TestData.path("goodreads_sample/\(name)")))
    }

    /// The same rows from a day before, with other links: they must lose.
    static func older(_ dataset: String, in folder: URL) throws -> URL {
        let text = try String(contentsOf: file(dataset), encoding: .utf8)
            .replacing(",2020-02-19 2", with: ",2020-02-18 2")
            .replacing("https://www.goodreads.com", with: "https://older.example")
        let copy = folder.appending(path: try #require(files[dataset]))
        try text.write(to: copy, atomically: true, encoding: .utf8)
        return copy
    }

    /// The same records as JSON lines, each value a text, null where there is none.
    static func lines(_ dataset: String, in folder: URL) async throws -> URL {
        let engine = try #require(ServerPrograms.engine())
        let source = try file(dataset)
        let target = folder.appending(
            path: source.deletingPathExtension().lastPathComponent + ".jsonl")
        let sql = """
            copy (
                select * from read_csv('\(source.path)', all_varchar = true, header = true,
                    quote = '"', escape = '"')
            ) to '\(target.path)' (format json)
            """
        let result = try await run(Command(engine, ["-c", sql]))
        try #require(result.isSuccess, "\(result.errorText)")
        return target
    }
}
