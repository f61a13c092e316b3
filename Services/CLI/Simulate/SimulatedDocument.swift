/// Answers of the API in its own shapes: of 2020, and where a thing is old, of 2011.
struct SimulatedDocument: Sendable {
    let world: SimulatedWorld
    /// What the answer repeats in its head.
    let key: String

    /// The newest reviews; long texts are cut and books have no description, as in the original.
    ///
    /// - Parameter total: How many there are; nil where the caller has not asked for pages.
    func recent(_ numbers: [Int], first: Int, total: Int?) -> String {
        envelope("review_recent_reviews") { xml in
            let end = numbers.isEmpty ? 0 : first + numbers.count - 1
            let place = [("start", numbers.isEmpty ? 0 : first), ("end", end)]
            let marks = total.map { place + [("total", $0)] } ?? []
            xml.element("reviews", marked: marks.map { ($0, "\($1)") }) { xml in
                for number in numbers {
                    review(SimulatedReview(number, of: world), isListed: true, in: &xml)
                }
            }
        }
    }

    func review(_ number: Int) -> String {
        envelope("review_show") { xml in
            review(SimulatedReview(number, of: world), isListed: false, in: &xml)
        }
    }

    func book(_ number: Int) -> String {
        envelope("book_show") { bookPage(SimulatedBook(number, of: world), in: &$0) }
    }

    func author(_ number: Int) -> String {
        envelope("author_show") { authorPage(SimulatedAuthor(number, of: world), in: &$0) }
    }

    func user(_ number: Int) -> String {
        envelope("user_show") { userPage(SimulatedUser(number, of: world), in: &$0) }
    }

    /// Whom a signed call comes from.
    func whoAmI() -> String {
        envelope("api_auth_user") { xml in
            let user = SimulatedUser(0, of: world)
            xml.element("user", marked: [("id", "\(user.id)")]) { xml in
                xml.leaf("name", user.displayName)
                xml.leaf("link", "\(user.link)?utm_medium=api", as: .cdata)
            }
        }
    }

    private func envelope(_ method: String, _ content: (inout XMLText) -> Void) -> String {
        var xml = XMLText()
        xml.element("GoodreadsResponse") { xml in
            xml.element("Request") { xml in
                xml.leaf("authentication", "true")
                xml.leaf("key", key, as: .cdata)
                xml.leaf("method", method, as: .cdata)
            }
            content(&xml)
        }
        return xml.text
    }

    private func review(
        _ review: SimulatedReview, isListed: Bool, in xml: inout XMLText
    ) {
        xml.element("review") { xml in
            xml.number("id", review.id)
            user(SimulatedUser(review.user, of: world), in: &xml)
            book(SimulatedBook(review.book, of: world), isListed: isListed, in: &xml)
            xml.number("rating", review.rating)
            xml.number("votes", review.votes)
            xml.leaf("spoiler_flag", "\(review.isSpoiler)")
            if !review.isOld { xml.leaf("spoilers_state", review.spoilersState) }
            if review.hasNewElement { xml.leaf("reading_mood", "calm") }
            xml.element("shelves") { xml in
                xml.empty("shelf", marked: [("name", review.shelf), ("exclusive", "true")])
            }
            for name in ["recommended_for", "recommended_by", "started_at", "read_at"] {
                xml.leaf(name, "")
            }
            xml.leaf("date_added", review.date(review.added))
            xml.leaf("date_updated", review.date(review.updated))
            xml.number("read_count", review.readCount)
            xml.block("body", isListed ? Self.cut(review.body) : review.body.markup)
            xml.number("comments_count", review.commentsCount)
            xml.leaf("url", review.link, as: .cdata)
            xml.leaf("link", review.link, as: .cdata)
            if !review.isOld { xml.leaf("owned", "0") }
        }
    }

    /// A list shows the beginning of a long text only.
    private static func cut(_ text: SimulatedProse) -> String {
        text.plain.count > 300 ? text.plain.prefix(297) + "..." : text.markup
    }
}
