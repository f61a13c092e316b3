extension SimulatedDocument {
    /// A user inside of a review.
    func user(_ user: SimulatedUser, in xml: inout XMLText) {
        let form = user.isOld ? XMLText.Form.cdata : .escaped
        xml.element("user") { xml in
            xml.number("id", user.id)
            xml.leaf("name", user.name, as: form)
            if !user.isOld { xml.leaf("display_name", user.displayName) }
            xml.leaf("location", user.location, as: form)
            xml.leaf("link", user.link, as: .cdata)
            if !user.isOld { xml.leaf("uri", user.uri) }
            images(of: "users", user.id, ["p3", "p2"], exist: user.hasImage, in: &xml)
            if !user.isOld { xml.leaf("has_image", "\(user.hasImage)") }
        }
    }

    /// The answer about a user: other fields than a review shows, and fewer of a private one.
    func userPage(_ user: SimulatedUser, in xml: inout XMLText) {
        xml.element("user") { xml in
            xml.number("id", user.id)
            xml.leaf("name", user.displayName)
            xml.leaf("user_name", SimulatedLinks.slug(user.displayName, ""))
            xml.leaf("link", user.link, as: .cdata)
            images(of: "users", user.id, ["p3", "p2"], exist: user.hasImage, in: &xml)
            if user.isPrivate { return xml.leaf("private", "true") }
            xml.leaf("about", user.about.markup, as: .cdata)
            for name in ["age", "gender"] { xml.leaf(name, "") }
            xml.leaf("location", user.location)
            xml.leaf("website", "")
            xml.leaf("joined", "02/2008")
            xml.leaf("last_active", "02/2020")
            for name in ["interests", "favorite_books"] { xml.leaf(name, "", as: .cdata) }
            xml.typed("friends_count", user.reviewsCount / 3)
            xml.number("groups_count", 0)
            xml.typed("reviews_count", user.reviewsCount)
        }
    }

    /// A book inside of a review.
    func book(_ book: SimulatedBook, isListed: Bool, in xml: inout XMLText) {
        xml.element("book") { xml in
            xml.typed("id", book.id)
            codes(of: book, in: &xml)
            if book.isOld { dates(of: book, typed: true, in: &xml) }
            xml.typed("text_reviews_count", book.textReviewsCount)
            titles(of: book, in: &xml)
            images(
                of: "books", book.id, ["m", "s"], exist: book.hasImage, as: .escaped, in: &xml)
            if !book.isOld { xml.empty("large_image_url") }
            xml.leaf("link", book.link)
            xml.number("num_pages", book.pages)
            if !book.isOld { edition(of: book, in: &xml) }
            xml.leaf("average_rating", XMLText.hundredths(book.averageRating))
            xml.number("ratings_count", book.ratingsCount)
            if !isListed { xml.leaf("description", book.description.markup) }
            authors(of: book, in: &xml)
            xml.number("published", book.published)
            if !isListed { xml.element("work") { $0.number("id", book.workID) } }
        }
    }

    /// The answer about a book.
    func bookPage(_ book: SimulatedBook, in xml: inout XMLText) {
        xml.element("book") { xml in
            xml.number("id", book.id)
            xml.leaf("title", book.fullTitle, as: book.isOld ? .cdata : .escaped)
            xml.leaf("isbn", book.isbn ?? "", as: .cdata)
            xml.leaf("isbn13", book.isbn13 ?? "", as: .cdata)
            for name in ["asin", "kindle_asin", "marketplace_id"] { xml.leaf(name, "", as: .cdata) }
            xml.leaf("country_code", "US", as: .cdata)
            images(
                of: "books", book.id, ["m", "s"], exist: book.hasImage, as: .escaped, in: &xml)
            dates(of: book, typed: false, in: &xml)
            xml.leaf("publisher", book.publisher)
            xml.leaf("language_code", "eng")
            xml.leaf("is_ebook", "\(book.format == "ebook")")
            xml.leaf("description", book.description.markup, as: .cdata)
            xml.element("work") { xml in
                xml.typed("id", book.workID)
                xml.typed("ratings_count", book.ratingsCount)
                xml.typed("text_reviews_count", book.textReviewsCount)
                xml.typed("original_publication_year", book.published)
                xml.leaf("original_title", book.title)
                xml.typed("original_language_id", nil)
                xml.leaf("media_type", "book")
            }
            xml.leaf("average_rating", XMLText.hundredths(book.averageRating))
            let form = XMLText.Form.cdata
            xml.leaf("num_pages", book.pages.map { "\($0)" } ?? "", as: form)
            xml.leaf("format", book.format, as: form)
            xml.leaf("edition_information", book.edition, as: form)
            xml.leaf("ratings_count", "\(book.ratingsCount)", as: form)
            xml.leaf("text_reviews_count", "\(book.textReviewsCount)", as: form)
            xml.leaf("url", book.link, as: form)
            xml.leaf("link", book.link, as: form)
            authors(of: book, in: &xml)
            xml.leaf("similar_books", "")
        }
    }

    /// The answer about an author, without the ratings that a book tells of him or her.
    func authorPage(_ author: SimulatedAuthor, in xml: inout XMLText) {
        xml.element("author") { xml in
            xml.number("id", author.id)
            xml.leaf("name", author.name)
            xml.leaf("link", author.link, as: .cdata)
            xml.typed("fans_count", author.textReviewsCount / 7)
            images(of: "authors", author.id, ["p5", "p2"], exist: author.hasImage, in: &xml)
            xml.leaf("about", author.about.markup, as: .cdata)
            xml.leaf("influences", "", as: .cdata)
            xml.number("works_count", author.worksCount)
            xml.leaf("gender", "")
            xml.leaf("hometown", author.hometown)
            xml.leaf("born_at", author.bornAt)
            xml.leaf("died_at", "")
            xml.leaf("books", "")
        }
    }

    private func authors(of book: SimulatedBook, in xml: inout XMLText) {
        xml.element("authors") { xml in
            for number in book.authors {
                author(SimulatedAuthor(number, of: world), in: &xml)
            }
        }
    }

    private func author(_ author: SimulatedAuthor, in xml: inout XMLText) {
        xml.element("author") { xml in
            xml.number("id", author.id)
            xml.leaf("name", author.name, as: author.isOld ? .cdata : .escaped)
            if !author.isOld { xml.leaf("role", author.role) }
            for (name, size) in [("image_url", "p5"), ("small_image_url", "p2")] {
                let url = SimulatedLinks.image(
                    "authors", author.id, size: size, exists: author.hasImage)
                xml.block(name, url, marked: [("nophoto", "\(!author.hasImage)")])
            }
            xml.leaf("link", author.link, as: .cdata)
            xml.leaf("average_rating", XMLText.hundredths(author.averageRating))
            xml.number("ratings_count", author.ratingsCount)
            xml.number("text_reviews_count", author.textReviewsCount)
        }
    }

    private func titles(of book: SimulatedBook, in xml: inout XMLText) {
        if book.isOld { return xml.block("title", book.fullTitle) }
        xml.leaf("title", book.fullTitle)
        xml.leaf("title_without_series", book.title)
    }

    private func codes(of book: SimulatedBook, in xml: inout XMLText) {
        for (name, code) in [("isbn", book.isbn), ("isbn13", book.isbn13)] {
            if let code { xml.leaf(name, code) } else { xml.empty(name, marked: [("nil", "true")]) }
        }
    }

    private func edition(of book: SimulatedBook, in xml: inout XMLText) {
        xml.leaf("format", book.format)
        book.edition.isEmpty
            ? xml.empty("edition_information") : xml.leaf("edition_information", book.edition)
        xml.leaf("publisher", book.publisher)
        dates(of: book, typed: false, in: &xml)
    }

    /// The older shape marks numbers, and tells the publisher here.
    private func dates(of book: SimulatedBook, typed: Bool, in xml: inout XMLText) {
        let dates = [
            ("publication_day", book.day), ("publication_year", book.year),
            ("publication_month", book.month),
        ]
        for (name, value) in dates { typed ? xml.typed(name, value) : xml.number(name, value) }
        if typed { xml.leaf("publisher", book.publisher) }
    }

    private func images(
        of kind: String, _ id: Int, _ sizes: [String], exist: Bool, as form: XMLText.Form = .cdata,
        in xml: inout XMLText
    ) {
        for (name, size) in zip(["image_url", "small_image_url"], sizes) {
            let url = SimulatedLinks.image(kind, id, size: size, exists: exist)
            xml.leaf(name, url, as: form)
        }
    }
}
