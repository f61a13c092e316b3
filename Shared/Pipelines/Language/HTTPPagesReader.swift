import YAML

/// Reads how the next page of an answer is found.
struct HTTPPagesReader {
    static let key = Key(
        "pages", .either([.words([linkHeader]), .keys(keys)]), "How the next page is found",
        example: "{next: paging.next}")
    private static let keys: Keys = [
        Key("next", .text, "The keys that lead to its URL", example: "paging.next"),
        Key("bookmark", .text, "The keys that lead to its mark", example: "meta.next_cursor"),
        Key("parameter", .text, "The parameter that carries the bookmark", example: "cursor"),
        Key("number", .text, "The parameter that carries its number", example: "page"),
        Key("first", .integer(0...1_000_000), "The first page's number; 1 by default"),
        Key("offset", .text, "The parameter that carries how many records came before"),
    ]
    private static let ways = ["next", "bookmark", "number", "offset"]
    private static let linkHeader = "link_header"

    let findings: Findings

    func read(_ node: YAMLNode) -> HTTPPages? {
        guard case .mapping = node.content else {
            if let word = findings.word(node, "the pages") {
                if word.text == Self.linkHeader { return .linkHeader }
                findings.reportUnknown(
                    .unknownWord, "`\(word.text)` is no way to find pages", word,
                    among: [Self.linkHeader], called: "write {next: paging.next}, or the word")
            }
            return nil
        }
        let place = Word("", at: node.start)
        guard let fields = Fields(node, of: "the pages", at: place, keys: Self.keys, findings)
        else { return nil }
        let given = Self.ways.filter { fields[$0] != nil }
        guard given.count == 1 else {
            if !given.isEmpty || !Self.ways.contains(where: fields.isMisspelt) {
                findings.report(
                    .misplacedOption, "pages are found by one of next, bookmark, number and offset",
                    at: place, fix: "write {next: paging.next}, or the word link_header")
            }
            return nil
        }
        check("parameter", is: "bookmark", fields)
        check("first", is: "number", fields)
        return way(fields)
    }

    private func check(_ option: String, is way: String, _ fields: Fields) {
        guard fields[way] == nil, let word = fields.keyWord(option) else { return }
        findings.report(
            .misplacedOption, "`\(option)` is for pages by `\(way)`", at: word, fix: "remove it")
    }

    private func way(_ fields: Fields) -> HTTPPages? {
        if let node = fields["next"] {
            return HTTPPathReader.read(node, "the path to the next page", findings)
                .map(HTTPPages.next)
        }
        if let node = fields["bookmark"] {
            let path = HTTPPathReader.read(node, "the path to the bookmark", findings)
            let parameter = fields.required("parameter").flatMap {
                findings.text($0, "a parameter")
            }
            guard let path, let parameter else { return nil }
            return .bookmark(path: path, parameter: parameter.text)
        }
        if let node = fields["number"] {
            let first = fields["first"].flatMap {
                findings.integer($0, "`first`", in: 0...1_000_000)
            }
            return findings.text(node, "a parameter").map {
                .number(parameter: $0.text, first: first ?? 1)
            }
        }
        return fields["offset"].flatMap { findings.text($0, "a parameter") }
            .map { .offset(parameter: $0.text) }
    }
}
