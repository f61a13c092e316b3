import Foundation
import Kit
import Testing

@testable import millrace

@Suite("The shape of a simulated answer", .timeLimit(.minutes(5)))
struct SimulatedShapeTests {
    /// Elements by which the answers of 2020 differ from those that were recorded, and the one that
    /// nobody has heard of.
    private static let newer = ["uri", "reading_mood"]

    @Test(
        "has only elements of the recorded answers, and those that the collector read",
        .enabled(if: TestData.path("goodreads_api_xml") != nil, "needs the recorded answers"),
        arguments: [
            ("review__recent_reviews", "recent_reviews", SimulatedWorld.Noun?.none),
            ("review__show", "review", .review), ("book__show", "book", .book),
            ("author__show", "author", .author), ("user__show", "user", .user),
        ])
    func shapes(newer: String, older: String, noun: SimulatedWorld.Noun?) async throws {
        let folder = try #require(TestData.path("goodreads_api_xml"))
        let recorded = [
            "\(folder)/python_client_xml/\(newer).xml", "\(folder)/ruby_gem_fixtures/\(older).xml",
        ]
        // With all of the items in the older shape, and with none.
        for odd in [0.0, 1.0] {
            let document = SimulatedDocument(
                world: SimulatedWorld(seed: 3, reviews: 40, odd: odd), key: "demo")
            let texts = (0..<16).map { number in
                switch noun {
                case nil: document.recent([39 - number, 38 - number], first: 1, total: nil)
                case .review: document.review(number)
                case .book: document.book(number)
                case .author: document.author(number)
                case .user: document.user(number)
                }
            }
            let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).json")
            defer { try? FileManager.default.removeItem(at: file) }
            try JSONEncoder().encode(texts).write(to: file)
            let strange = try await TestPython.run(Self.script, [file.path] + recorded)
            let lines = strange.split(separator: "\n").map { String($0) }
            let unknown = lines.filter { line in !Self.newer.contains { line.hasSuffix("/\($0)") } }
            #expect(unknown == [], "\(newer) \(odd)")
        }
    }

    /// Prints the paths of elements that stand in the first file's documents and in no other file.
    private static let script = """
        import json, sys, xml.etree.ElementTree as tree
        def paths(element, above=''):
            here = above + '/' + element.tag
            yield here
            for below in element: yield from paths(below, here)
        known = set()
        for name in sys.argv[2:]:
            known |= set(paths(tree.fromstring(open(name, encoding='utf-8').read().strip())))
        found = set()
        for text in json.load(open(sys.argv[1])): found |= set(paths(tree.fromstring(text)))
        print('\\n'.join(sorted(found - known)))
        """
}
