import YAML

/// Reads what stands behind `singer` in a source.
struct SingerSourceReader {
    static let key = Key(
        "singer", .keys(Keys(keys)), "A stream of a Singer tap",
        example: "{run: tap-shop, every: 1h, stream: orders}")
    private static let streamKeys = [
        Key("stream", .text, "As the tap calls it; the dataset's name by default"),
        Key(
            "metadata", .settings, "Added to what its catalog says of the stream",
            example: "{replication-method: FULL_TABLE}"),
    ]
    private static let keys: [Key] =
        ProgramReader.keys.map { key in
            // Another dataset may say it.
            Key(key.name, key.shape, key.about, example: key.example)
        } + streamKeys + [
            Key(
                "config", .settings, "What the tap's documentation asks for",
                example: "{start_date: \"2020-01-01\", api_key: \"${secret:shop}\"}"),
            Key(
                "catalog", .words(of: SingerSource.Catalog.self),
                "How the tap is told what is wanted; discover by default"),
            Key("from", .text, "A dataset above whose tap gives this stream, too"),
        ]

    let dataset: String
    let reading: Reading
    private var findings: Findings { reading.findings }

    func read(_ node: YAMLNode) -> SingerSource {
        var source = SingerSource(tap: dataset, program: ProgramReader.none, stream: dataset)
        guard
            let fields = Fields(
                node, of: "the tap of dataset `\(dataset)`", at: Word("", at: node.start),
                keys: Keys(Self.keys), findings)
        else { return source }
        if let from = fields["from"] {
            source = shared(from, fields) ?? source
            source.stream = dataset
            source.metadata = [:]
        } else {
            source.program = ProgramReader(findings: findings).program(fields)
            source.config = settings("config", fields)
            source.catalog =
                fields["catalog"].flatMap {
                    findings.choice($0, "way to choose streams", of: SingerSource.Catalog.self)
                } ?? .discover
            reading.taps[dataset] = source
        }
        if let stream = fields["stream"].flatMap({ findings.text($0, "a stream") }) {
            source.stream = stream.text
        }
        source.metadata = settings("metadata", fields)
        return source
    }

    private func shared(_ node: YAMLNode, _ fields: Fields) -> SingerSource? {
        let own = Self.streamKeys.map(\.name) + ["from"]
        for key in Self.keys.map(\.name) where !own.contains(key) && fields[key] != nil {
            findings.report(
                .misplacedOption, "`\(key)` is said where the tap is described",
                at: fields.keyWord(key) ?? fields.place, fix: "remove it, or the `from`")
        }
        guard let word = findings.text(node, "a dataset") else { return nil }
        if let source = reading.taps[word.text] { return source }
        findings.reportUnknown(
            .unknownTable, "no dataset `\(word.text)` above describes a tap", word,
            among: reading.taps.keys.sorted(), called: "datasets with one")
        return nil
    }

    private func settings(_ key: String, _ fields: Fields) -> [String: SettingValue] {
        guard let node = fields[key] else { return [:] }
        return SettingReader(findings: findings).mapping(findings.entries(node, key))
    }
}
