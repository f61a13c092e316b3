import YAML

/// Reads how an HTTP API is told who asks.
struct HTTPAuthReader {
    static let key = Key("auth", .keys(keys), "How the API is told who asks")
    private static let keys: Keys = [
        Key("bearer", .secret, "A token", example: "\"${secret:shop}\""),
        Key("basic", .keys(basicKeys), "A user's name and password"),
        Key("api_key", .keys(apiKeys), "A key in a header or in the query"),
    ]
    private static let basicKeys: Keys = [
        Key("user", .text, "Its name", isRequired: true),
        Key("password", .secret, "Its password", isRequired: true),
    ]
    private static let apiKeys: Keys = [
        Key("header", .text, "The header that carries it", example: "X-Api-Key"),
        Key("parameter", .text, "The parameter that carries it", example: "key"),
        Key("value", .secret, "The key", isRequired: true),
    ]

    let findings: Findings

    func read(_ node: YAMLNode) -> HTTPAuth? {
        let place = Word("", at: node.start)
        guard let fields = Fields(node, of: "the auth", at: place, keys: Self.keys, findings)
        else { return nil }
        let given = Self.keys.names.filter { fields[$0] != nil }
        if given.count != 1 {
            let isMisspelt = Self.keys.names.contains(where: fields.isMisspelt)
            if !given.isEmpty || !isMisspelt {
                findings.report(
                    .misplacedOption, "an auth is one of bearer, basic and api_key", at: place,
                    fix: "write {bearer: \"${secret:name}\"}")
            }
        }
        if let node = fields["bearer"] { return secret(node).map(HTTPAuth.bearer) }
        if let node = fields["basic"] { return basic(node) }
        return fields["api_key"].flatMap(apiKey)
    }

    private func basic(_ node: YAMLNode) -> HTTPAuth? {
        let place = Word("", at: node.start)
        guard
            let fields = Fields(
                node, of: "the basic auth", at: place, keys: Self.basicKeys, findings)
        else { return nil }
        let user = fields.required("user").flatMap { findings.text($0, "a user") }
        let password = fields.required("password").flatMap(secret)
        guard let user, let password else { return nil }
        return .basic(user: user.text, password: password)
    }

    private func apiKey(_ node: YAMLNode) -> HTTPAuth? {
        let place = Word("", at: node.start)
        guard
            let fields = Fields(node, of: "the API key", at: place, keys: Self.apiKeys, findings)
        else { return nil }
        let value = fields.required("value").flatMap(secret)
        let header = fields["header"].flatMap { findings.text($0, "a header") }
        let parameter = fields["parameter"].flatMap { findings.text($0, "a parameter") }
        let isMisspelt = ["header", "parameter"].contains(where: fields.isMisspelt)
        if (fields["header"] == nil) == (fields["parameter"] == nil), !isMisspelt {
            findings.report(
                .misplacedOption, "an API key goes in a header or in a parameter", at: place,
                fix: "write header: X-Api-Key, or parameter: key")
        }
        guard let value else { return nil }
        if let header { return .keyInHeader(name: header.text, value) }
        return parameter.map { .keyInQuery(name: $0.text, value) }
    }

    private func secret(_ node: YAMLNode) -> SecretReference? {
        guard let word = findings.word(node, "a secret") else { return nil }
        if let name = SecretRule.reference(word.text) { return SecretReference(name) }
        findings.report(
            .secret, "a secret does not stand in a pipeline", at: word,
            fix: "write \"${secret:name}\", and give it to the ingest as MILLRACE_SECRET_NAME "
                + "or MILLRACE_SECRET_NAME_FILE", isSecret: true)
        return nil
    }
}

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
