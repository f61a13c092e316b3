import Foundation
import HTTPServer

/// Which page of the API a path and its query ask for.
struct SimulatedCatalogue: Sendable {
    /// Who asks: the one call that the service wanted signed, of those that are offered here.
    static let signedPath = "/api/auth_user"

    let world: SimulatedWorld
    private let growth: Double?

    /// An answer that there is.
    enum Page: Equatable, Sendable {
        /// The numbers of reviews, newest first; `total` where the caller has asked for pages.
        case recent([Int], first: Int, total: Int?)
        case item(SimulatedWorld.Noun, Int)
        case whoAmI
    }

    enum Finding: Equatable, Sendable {
        case found(Page)
        /// A review that was taken back.
        case gone
        case unknown
    }

    init(_ plan: SimulatePlan) {
        world = SimulatedWorld(seed: plan.seed, reviews: plan.reviews, odd: plan.faults)
        growth = plan.growth
    }

    /// How many reviews there are by now: a page of them at the start.
    func visible(after elapsed: Duration) -> Int {
        guard let growth else { return world.reviews }
        let grown = Double(Self.pageSize) + elapsed / .seconds(1) * growth
        return grown < Double(world.reviews) ? Int(grown) : world.reviews
    }

    /// Paths as the clients of the API wrote them: `/book/show.xml?id=7`, `/book/show/7.xml`, with
    /// `format=xml` instead of the ending, and with the title behind the id.
    func find(_ request: HTTPServerRequest, visible: Int) -> Finding {
        if request.path == Self.signedPath { return .found(.whoAmI) }
        guard let path = Self.withoutEnding(request) else { return .unknown }
        if path == "/review/recent_reviews" { return recent(request.query, visible) }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        guard (2...3).contains(parts.count), parts[parts.startIndex + 1] == "show",
            let noun = parts.first.flatMap({ SimulatedWorld.Noun(rawValue: String($0)) })
        else { return .unknown }
        let text = parts.count == 3 ? parts.last : request.query["id"].map { $0[...] }
        let digits = text.map { $0.prefix { $0.isASCII && $0.isNumber } } ?? ""
        guard let id = Int(digits), let number = world.number(of: noun, id: id) else {
            return .unknown
        }
        guard noun == .review else { return .found(.item(noun, number)) }
        guard number < visible else { return .unknown }
        return world.isGone(review: number) ? .gone : .found(.item(noun, number))
    }

    /// Another path of an item, with the title in it where there is one, for what was asked for by
    /// an id in the query; nil for other pages.
    func otherPath(of page: Page, _ path: String) -> String? {
        guard case .item(let noun, let number) = page, !path.contains("/show/") else { return nil }
        let title: String? =
            switch noun {
            case .review: nil
            case .book: SimulatedBook(number, of: world).title
            case .author: SimulatedAuthor(number, of: world).name
            case .user: SimulatedUser(number, of: world).displayName
            }
        let slug = title.map { "-" + SimulatedLinks.slug($0, "-") } ?? ""
        return "/\(noun.rawValue)/show/\(world.id(of: noun, number))\(slug).xml"
    }

    func text(of page: Page, key: String) -> String {
        let document = SimulatedDocument(world: world, key: key)
        return switch page {
        case .recent(let numbers, let first, let total):
            document.recent(numbers, first: first, total: total)
        case .item(.review, let number): document.review(number)
        case .item(.book, let number): document.book(number)
        case .item(.author, let number): document.author(number)
        case .item(.user, let number): document.user(number)
        case .whoAmI: document.whoAmI()
        }
    }

    /// - Parameter name: e.g. `reviews.jsonl`.
    func truth(_ name: Substring, _ visible: Int) throws -> HTTPServerResponse {
        let table = SimulatedTruth.Table.allCases.first { name == "\($0.rawValue).jsonl" }
        guard let table else { return .notFound }
        return HTTPServerResponse(
            body: try SimulatedTruth(world: world).lines(of: table, visible: visible),
            contentType: "application/x-ndjson")
    }

    /// The original gave the newest only; pages are for those who want all.
    private func recent(_ query: [String: String], _ visible: Int) -> Finding {
        let size = min(max(1, query["per_page"].flatMap { Int($0) } ?? Self.pageSize), 200)
        let page = min(max(1, query["page"].flatMap { Int($0) } ?? 1), 1_000_000)
        let newest = visible - 1 - (page - 1) * size
        let numbers = newest < 0 ? [] : (max(0, newest - size + 1)...newest).reversed()
        let total = query["page"] == nil ? nil : visible
        return .found(.recent(Array(numbers), first: (page - 1) * size + 1, total: total))
    }

    private static func withoutEnding(_ request: HTTPServerRequest) -> String? {
        if request.path.hasSuffix(".xml") { return String(request.path.dropLast(4)) }
        return request.query["format", default: "xml"] == "xml" ? request.path : nil
    }

    private static let pageSize = 20
}
