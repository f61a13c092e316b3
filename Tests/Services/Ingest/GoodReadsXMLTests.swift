import Events
import Foundation
import Kit
import Testing

@testable import ingest

@Suite(
    "The recorded answers of GoodReads",
    .enabled(if: TestData.path("goodreads_api_xml") != nil, "needs the data set goodreads_api_xml"))
struct GoodReadsXMLTests {
    /// A file, where its records are, and what is in them by another parser's count; or why not.
    struct Sample: Sendable, CustomTestStringConvertible {
        let file: String
        let path: [String]
        var records = 0
        /// Elements with a text and no elements.
        var texts = 0
        var reason: String?
        var testDescription: String { file }

        init(
            _ file: String, _ path: String, records: Int = 0, texts: Int = 0, reason: String? = nil
        ) {
            self.file = file
            self.path = path.split(separator: ".").map(String.init)
            (self.records, self.texts, self.reason) = (records, texts, reason)
        }
    }

    static let samples: [Sample] = [
        Sample(
            "python_client_xml/author__books.xml", "GoodreadsResponse.author.books.book",
            records: 30, texts: 772),
        Sample(
            "python_client_xml/author__show.xml", "GoodreadsResponse.author.books.book",
            records: 10, texts: 237),
        Sample(
            "python_client_xml/book__id_to_work_id.xml", "GoodreadsResponse.work-ids.item",
            records: 2, texts: 2),
        Sample(
            "python_client_xml/book__review_counts.txt", "GoodreadsResponse.books",
            reason: "it is no XML"),
        Sample(
            "python_client_xml/book__show.xml", "GoodreadsResponse.book.popular_shelves.shelf",
            records: 100, texts: 0),
        Sample(
            "python_client_xml/book__show_by_isbn.xml", "GoodreadsResponse.book.similar_books.book",
            records: 15, texts: 260),
        Sample(
            "python_client_xml/book__title.xml", "GoodreadsResponse.book.buy_links.buy_link",
            records: 13, texts: 39),
        Sample(
            "python_client_xml/comment__list.xml", "GoodreadsResponse.comments.comment",
            records: 20, texts: 236),
        Sample(
            "python_client_xml/event__list.xml", "GoodreadsResponse.events.event", records: 92,
            texts: 2322),
        Sample(
            "python_client_xml/group__list.xml", "GoodreadsResponse.groups.list.group", records: 0,
            texts: 0),
        Sample(
            "python_client_xml/group__members.xml", "GoodreadsResponse.group_users.group_user",
            records: 30, texts: 165),
        Sample(
            "python_client_xml/group__search.xml", "GoodreadsResponse.groups.list.group",
            records: 10, texts: 70),
        Sample(
            "python_client_xml/group__show.xml", "GoodreadsResponse.group",
            reason: "there is `html`"),
        Sample(
            "python_client_xml/group__show_1.xml", "GoodreadsResponse.group.members.group_user",
            records: 14, texts: 67),
        Sample(
            "python_client_xml/read_status__show.xml", "GoodreadsResponse.read_status", records: 1,
            texts: 35),
        Sample(
            "python_client_xml/recommendation__show.xml", "GoodreadsResponse.recommendation",
            reason: "there is `html`"),
        Sample(
            "python_client_xml/recommendation__show_1.xml", "GoodreadsResponse.recommendation",
            reason: "there is `error`"),
        Sample(
            "python_client_xml/recommendation__show_2.xml", "GoodreadsResponse.recommendation",
            reason: "there is `html`"),
        Sample(
            "python_client_xml/recommendation__show_3.xml", "GoodreadsResponse.recommendation",
            reason: "there is `error`"),
        Sample(
            "python_client_xml/recommendation__show_4.xml", "GoodreadsResponse.recommendation",
            records: 1, texts: 37),
        Sample(
            "python_client_xml/review__recent_reviews.xml", "GoodreadsResponse.reviews.review",
            records: 20, texts: 867),
        Sample(
            "python_client_xml/review__show.xml", "GoodreadsResponse.review", records: 1, texts: 59),
        Sample(
            "python_client_xml/review__show_by_user_and_book.xml", "GoodreadsResponse.review",
            records: 1, texts: 59),
        Sample(
            "python_client_xml/search__author.xml", "GoodreadsResponse.author", records: 1, texts: 2
        ),
        Sample(
            "python_client_xml/search__book.xml", "GoodreadsResponse.search.results.work",
            records: 1, texts: 11),
        Sample(
            "python_client_xml/series__list.xml", "GoodreadsResponse.series_works.series_work",
            records: 119, texts: 2609),
        Sample(
            "python_client_xml/series__show.xml",
            "GoodreadsResponse.series.series_works.series_work", records: 22, texts: 334),
        Sample(
            "python_client_xml/series__work.xml", "GoodreadsResponse.series_works.series_work",
            records: 2, texts: 16),
        Sample(
            "python_client_xml/shelf__list.xml", "GoodreadsResponse.shelves.user_shelf",
            records: 25, texts: 151),
        Sample(
            "python_client_xml/topic__group_folder.xml", "GoodreadsResponse.group_folder",
            records: 1, texts: 14),
        Sample(
            "python_client_xml/topic__show.xml", "GoodreadsResponse.topic", records: 1, texts: 21),
        Sample("python_client_xml/user__show.xml", "GoodreadsResponse.user", records: 1, texts: 7),
        Sample(
            "python_client_xml/user_status__show.xml", "GoodreadsResponse.user_status", records: 1,
            texts: 52),
        Sample(
            "ruby_gem_fixtures/author.xml", "GoodreadsResponse.author.books.book", records: 19,
            texts: 465),
        Sample(
            "ruby_gem_fixtures/author_books.xml", "GoodreadsResponse.author.books.book",
            records: 30, texts: 821),
        Sample(
            "ruby_gem_fixtures/author_by_name.xml", "GoodreadsResponse.author", records: 1, texts: 2
        ),
        Sample(
            "ruby_gem_fixtures/book.xml", "GoodreadsResponse.book.reviews.review", records: 27,
            texts: 470),
        Sample(
            "ruby_gem_fixtures/empty.xml", "GoodreadsResponse.reviews.review", records: 0, texts: 0),
        Sample(
            "ruby_gem_fixtures/friends.xml", "GoodreadsResponse.friends.user", records: 2, texts: 16
        ),
        Sample(
            "ruby_gem_fixtures/group.xml", "GoodreadsResponse.group.members.group_user",
            records: 14, texts: 73),
        Sample(
            "ruby_gem_fixtures/group_list.xml", "GoodreadsResponse.groups.list.group", records: 50,
            texts: 300),
        Sample(
            "ruby_gem_fixtures/oauth_response.xml", "GoodreadsResponse.user", records: 1, texts: 2),
        Sample(
            "ruby_gem_fixtures/recent_reviews.xml", "GoodreadsResponse.reviews.review", records: 20,
            texts: 802),
        Sample("ruby_gem_fixtures/review.xml", "GoodreadsResponse.review", records: 1, texts: 40),
        Sample(
            "ruby_gem_fixtures/review_create.xml", "GoodreadsResponse.review", records: 1, texts: 53
        ),
        Sample(
            "ruby_gem_fixtures/review_show_by_user_and_book.xml", "GoodreadsResponse.review",
            records: 1, texts: 69),
        Sample(
            "ruby_gem_fixtures/review_update.xml", "GoodreadsResponse.review", records: 1, texts: 54
        ),
        Sample(
            "ruby_gem_fixtures/reviews.xml", "GoodreadsResponse.reviews.review", records: 2,
            texts: 72),
        Sample(
            "ruby_gem_fixtures/reviews_empty.xml", "GoodreadsResponse.reviews.review", records: 0,
            texts: 0),
        Sample(
            "ruby_gem_fixtures/search_books_by_name.xml", "GoodreadsResponse.search.results.work",
            reason: "it is no XML"),
        Sample(
            "ruby_gem_fixtures/shelf_add_to_shelf.xml", "GoodreadsResponse.my_review", records: 1,
            texts: 6),
        Sample(
            "ruby_gem_fixtures/shelf_list.xml", "GoodreadsResponse.shelves.user_shelf", records: 3,
            texts: 19),
        Sample(
            "ruby_gem_fixtures/to-read-p2.xml", "GoodreadsResponse.reviews.review", records: 20,
            texts: 664),
        Sample(
            "ruby_gem_fixtures/to-read.xml", "GoodreadsResponse.reviews.review", records: 20,
            texts: 675),
        Sample(
            "ruby_gem_fixtures/user.xml", "GoodreadsResponse.user.user_shelves.user_shelf",
            records: 6, texts: 30),
    ]

    @Test("give each of their records, or a reason", arguments: samples)
    func recorded(sample: Sample) throws {
        let path = try #require(TestData.path("goodreads_api_xml/" + sample.file))
        if let reason = sample.reason {
            let error = #expect(throws: PollFailure.self) { try Self.records(path, sample.path) }
            #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
            return
        }
        let records = try Self.records(path, sample.path)
        #expect(records.count == sample.records)
        let texts = try records.map { record in
            Self.texts(try JSONSerialization.jsonObject(with: Data(record.utf8)))
        }
        #expect(texts.reduce(0, +) == sample.texts)
    }

    @Test("are all looked at")
    func whole() throws {
        let folder = try #require(TestData.path("goodreads_api_xml"))
        for part in ["python_client_xml", "ruby_gem_fixtures"] {
            let names = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(part)")
            let files = names.filter { $0 != "LICENSE" }.map { "\(part)/\($0)" }
            #expect(Set(files).subtracting(Self.samples.map(\.file)).isEmpty)
        }
    }

    @Test(
        "have the same fields in 2011 and 2017",
        arguments: ["python_client_xml/review__show.xml", "ruby_gem_fixtures/review.xml"])
    func review(file: String) throws {
        let path = try #require(TestData.path("goodreads_api_xml/" + file))
        let review = try #require(try Self.records(path, ["GoodreadsResponse", "review"]).first)
        try Array(review.utf8).withUnsafeBytes { bytes in
            for field in ["id", "user.id", "book.id", "book.authors.author.id", "rating"] {
                let keys = field.split(separator: ".").map(String.init)
                let text = try #require(JSONLookup.text(at: keys, in: bytes), "\(field)")
                #expect(Int(text) != nil, "\(field) is \(text)")
            }
            #expect(
                JSONLookup.text(at: ["book", "authors", "author", "image_url"], in: bytes)?
                    .hasPrefix("http") == true)
            #expect(JSONLookup.ranges(at: ["book", "format"], in: bytes).isEmpty)
        }
    }

    private static func records(_ path: String, _ keys: [String]) throws -> [String] {
        var splitter = XMLRecordSplitter(path: keys, lists: [])
        var output = CollectedRecords()
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        try data.withUnsafeBytes { try splitter.take($0, into: &output) }
        try splitter.finish(into: &output)
        return output.records
    }

    /// Values that are texts, but attributes.
    private static func texts(_ value: Any) -> Int {
        switch value {
        case let object as [String: Any]:
            object.filter { !$0.key.contains("@") }.values.reduce(0) { $0 + texts($1) }
        case let array as [Any]: array.reduce(0) { $0 + texts($1) }
        case is String: 1
        default: 0
        }
    }
}
