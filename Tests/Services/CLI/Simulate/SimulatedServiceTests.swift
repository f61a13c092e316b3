import Foundation
import Outbound
import Testing

@testable import millrace

@Suite("A simulated service", .timeLimit(.minutes(5)))
struct SimulatedServiceTests {
    private static let recent = "/review/recent_reviews.xml?key=demo"

    @Test("gives the same bytes for the same seed, and others for another")
    func seeds() async throws {
        var texts: [String] = []
        for seed: UInt64 in [1, 1, 2] {
            try await Simulation.run(Simulation.plan(seed: seed)) { simulation in
                let number = SimulatedWorld(seed: seed, reviews: 100, odd: 0).id(of: .review, 99)
                texts.append(
                    try await simulation.text(Self.recent)
                        + simulation.text("/review/show.xml?key=demo&id=\(number)"))
            }
        }
        #expect(texts[0] == texts[1])
        #expect(texts[0] != texts[2])
        #expect(texts[0].contains("<method><![CDATA[review_show]]></method>"))
    }

    @Test("lists the newest reviews first, twenty or a page of them")
    func pages() async throws {
        try await Simulation.run(Simulation.plan(reviews: 45)) { simulation in
            let world = SimulatedWorld(seed: 1, reviews: 45, odd: 0)
            let ids = (0..<45).reversed().map { world.id(of: .review, $0) }
            #expect(try await Self.reviews(simulation.text(Self.recent)) == Array(ids[..<20]))
            let second = try await simulation.text(Self.recent + "&page=2&per_page=30")
            #expect(Self.reviews(second) == Array(ids[30...]))
            #expect(second.contains("<reviews start=\"31\" end=\"45\" total=\"45\">"))
            #expect(
                try await Self.reviews(simulation.text(Self.recent + "&page=3&per_page=30")) == [])
        }
    }

    @Test("grows from one page to all of its reviews")
    func growth() {
        var plan = Simulation.plan(reviews: 100)
        plan.growth = 10
        let catalogue = SimulatedCatalogue(plan)
        #expect(catalogue.visible(after: .zero) == 20)
        #expect(catalogue.visible(after: .seconds(3)) == 50)
        #expect(catalogue.visible(after: .seconds(1e9)) == 100)
    }

    @Test("is found under all the paths that clients of the API wrote")
    func paths() async throws {
        try await Simulation.run(Simulation.plan()) { simulation in
            let id = SimulatedWorld(seed: 1, reviews: 100, odd: 0).id(of: .book, 3)
            let first = try await simulation.text("/book/show.xml?key=demo&id=\(id)")
            #expect(first.contains("<id>\(id)</id>"))
            for path in [
                "/book/show/\(id).xml?", "/book/show/\(id)-x.xml?",
                "/book/show?format=xml&id=\(id)&",
            ] {
                #expect(try await simulation.text(path + "key=demo") == first, "\(path)")
            }
            for path in [
                "/book/show.xml?id=1&", "/book/list.xml?id=\(id)&", "/?",
                "/book/show.json?id=\(id)&",
            ] {
                #expect(try await simulation.get(path + "key=demo").status == 404, "\(path)")
            }
        }
    }

    @Test("wants the key, and does not write it down")
    func key() async throws {
        try await Simulation.run(Simulation.plan()) { simulation in
            for path in ["/review/recent_reviews.xml", "/review/recent_reviews.xml?key=other"] {
                #expect(try await simulation.get(path).status == 401)
            }
            #expect(try await simulation.get(Self.recent + "&page=1").status == 200)
            let log = try simulation.log()
            #expect(log.map(\.status) == [401, 401, 200])
            #expect(log.map(\.query) == [[:], [:], ["page": "1"]])
            #expect(log.allSatisfy { $0.path == "/review/recent_reviews.xml" && $0.fault == nil })
        }
    }

    @Test("answers 429 beyond its limit, says when to come again, and writes that down")
    func limit() async throws {
        var plan = Simulation.plan()
        plan.rate = 0.1
        plan.burst = 2
        try await Simulation.run(plan) { simulation in
            var statuses: [Int] = []
            for _ in 0..<4 { statuses.append(try await simulation.get(Self.recent).status) }
            #expect(statuses == [200, 200, 429, 429])
            let refused = try await simulation.get(Self.recent)
            let wait = try #require(refused.header("retry-after").flatMap { Int($0) })
            #expect((5...10).contains(wait))
            #expect(try simulation.log().map(\.status) == [200, 200, 429, 429, 429])
            #expect(try await simulation.get("/truth/reviews.jsonl").status == 200)
        }
    }

    @Test("tells the truth about each table")
    func truth() async throws {
        try await Simulation.run(Simulation.plan(faults: 0.2)) { simulation in
            let world = SimulatedWorld(seed: 1, reviews: 100, odd: 0.2)
            let gone = (0..<100).filter { world.isGone(review: $0) }
            #expect(!gone.isEmpty)
            let lines = try await simulation.text("/truth/reviews.jsonl").split(separator: "\n")
            #expect(lines.count == 100 - gone.count)
            #expect(
                try await simulation.text("/truth/users.jsonl").contains("\"user_display_name\""))
            #expect(try await simulation.get("/truth/shelves.jsonl").status == 404)
            #expect(try simulation.log().isEmpty)
            let id = world.id(of: .review, gone[0])
            #expect(try await simulation.get("/review/show.xml?key=demo&id=\(id)").status == 404)
            #expect(try simulation.log().map(\.fault) == ["gone"])
        }
    }

    @Test("has texts whose plain form is what the collector made of their markup")
    func prose() throws {
        var draws = SplitMix64(seed: 4)
        // The collector's rule: tags and entities go, and runs of blanks become one.
        let rule = try Regex("<.*?>|&([a-z0-9]+|#[0-9]{1,6}|#x[0-9a-f]{1,6});").dotMatchesNewlines()
        for _ in 0..<500 {
            let prose = SimulatedProse(sentences: 9, using: &draws)
            let words = prose.markup.replacing(rule, with: "").split(whereSeparator: \.isWhitespace)
            #expect(words.joined(separator: " ") == prose.plain)
        }
    }

    @Test(
        "refuses a plan that makes no sense",
        arguments: [
            ["books"], ["goodreads", "--rate", "fast"], ["goodreads", "--rate", "0/s"],
            ["goodreads", "--faults", "120%"], ["goodreads", "--growth", "1/d"],
            ["goodreads", "--reviews", "0"],
        ])
    func mistakes(words: [String]) async throws {
        let call = try await VerbCall(Simulate(), words)
        #expect(call.code == .usage)
        #expect(!call.errors.isEmpty)
    }

    private static func reviews(_ text: String) -> [Int] {
        text.split(separator: "<review>").dropFirst().compactMap { part in
            let id = part.split(separator: "<id>").dropFirst().first
            return id.flatMap { Int($0.prefix { $0.isNumber }) }
        }
    }
}
