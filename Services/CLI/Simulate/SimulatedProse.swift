/// A text of a person as the API gives it, with its markup, and as a reader wants it.
///
/// Both are written side by side, so that the second is not made by the rule that it shall prove.
struct SimulatedProse: Sendable {
    private(set) var markup = ""
    /// Without tags and entities, words one blank apart.
    private(set) var plain = ""

    /// - Parameter sentences: None gives an empty text.
    init(sentences: Int, using draws: inout SplitMix64) {
        for number in 0..<max(0, sentences) {
            if number > 0 { rest(using: &draws) }
            sentence(using: &draws)
        }
    }

    private mutating func sentence(using draws: inout SplitMix64) {
        let opening = String(decoding: draws.pick(FakeProse.openings), as: UTF8.self)
        let closing = String(decoding: draws.pick(FakeProse.closings), as: UTF8.self)
        switch draws.integer(0...9) {
        case 0: say("<b>", opening, "</b>")
        case 1: say("<i class=\"quote\">", opening, "</i>")
        case 2: say("&ldquo;", opening, "&#8221;")
        case 3: say("<a href=\"https://example.org/?a=1&amp;b=2\">", opening, "</a>")
        default: say("", opening, "")
        }
        say("", ", " + closing, draws.chance(0.05) ? "&#x2026;" : "")
    }

    /// What stands between two sentences: now and then a paragraph, several blanks, or a tag alone,
    /// which leaves nothing between the words.
    private mutating func rest(using draws: inout SplitMix64) {
        switch draws.integer(0...6) {
        case 0: say("<br /><br />", " ", "")
        case 1: say("<p>\n   ", " ", "</p>")
        case 2: say("  \t", " ", "")
        case 3: say("<hr/>", "", "")
        default: say("", " ", "")
        }
    }

    private mutating func say(_ before: String, _ words: String, _ after: String) {
        markup += before + words + after
        plain += words
    }
}
