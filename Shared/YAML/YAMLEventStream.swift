import CYAML

/// What libyaml sees in a text, one event at a time.
struct YAMLEventStream: ~Copyable {
    /// An event as far as it matters here.
    enum Kind {
        case scalar(YAMLScalar), sequenceStart, sequenceEnd, mappingStart, mappingEnd
        case documentStart, end
        /// Stream starts and document ends.
        case other
    }

    struct Event {
        let kind: Kind
        let mark: YAMLMark
        /// `an anchor`, `an alias`, `a tag`: what is refused about it.
        let refusal: String?
    }

    private let parser: UnsafeMutablePointer<yaml_parser_t>
    /// libyaml reads from it as it goes, so it lives as long as the parser.
    private let bytes: UnsafeMutableBufferPointer<UInt8>

    init(_ text: String) throws(YAMLProblem) {
        parser = .allocate(capacity: 1)
        bytes = .allocate(capacity: text.utf8.count)
        _ = bytes.initialize(from: text.utf8)
        // Returns 0 only when it cannot allocate.
        precondition(yaml_parser_initialize(parser) == 1, "out of memory")
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        bytes.deallocate()
    }

    /// The next event; after `end` it must not be asked again.
    func next() throws(YAMLProblem) -> Event {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw syntaxProblem() }
        defer { yaml_event_delete(&event) }
        return Event(
            kind: Self.kind(of: event), mark: Self.mark(event.start_mark),
            refusal: Self.refusal(of: event))
    }

    private static func kind(of event: yaml_event_t) -> Kind {
        switch event.type {
        case YAML_SCALAR_EVENT: .scalar(scalar(of: event))
        case YAML_ALIAS_EVENT: .scalar(YAMLScalar("", isPlain: true))
        case YAML_SEQUENCE_START_EVENT: .sequenceStart
        case YAML_SEQUENCE_END_EVENT: .sequenceEnd
        case YAML_MAPPING_START_EVENT: .mappingStart
        case YAML_MAPPING_END_EVENT: .mappingEnd
        case YAML_DOCUMENT_START_EVENT: .documentStart
        case YAML_STREAM_END_EVENT: .end
        default: .other
        }
    }

    private static func scalar(of event: yaml_event_t) -> YAMLScalar {
        let scalar = event.data.scalar
        let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
        return YAMLScalar(
            String(decoding: bytes, as: UTF8.self),
            isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
    }

    private static func refusal(of event: yaml_event_t) -> String? {
        let data = event.data
        return switch event.type {
        case YAML_ALIAS_EVENT: "an alias"
        case YAML_SCALAR_EVENT: refusal(anchor: data.scalar.anchor, tag: data.scalar.tag)
        case YAML_SEQUENCE_START_EVENT:
            refusal(anchor: data.sequence_start.anchor, tag: data.sequence_start.tag)
        case YAML_MAPPING_START_EVENT:
            refusal(anchor: data.mapping_start.anchor, tag: data.mapping_start.tag)
        default: nil
        }
    }

    private static func refusal(
        anchor: UnsafeMutablePointer<UInt8>?, tag: UnsafeMutablePointer<UInt8>?
    ) -> String? {
        anchor != nil ? "an anchor" : tag != nil ? "a tag" : nil
    }

    private static func mark(_ mark: yaml_mark_t) -> YAMLMark {
        YAMLMark(line: mark.line + 1, column: mark.column + 1)
    }

    private func syntaxProblem() -> YAMLProblem {
        let text = parser.pointee.problem.map { String(cString: $0) } ?? "not YAML"
        guard parser.pointee.error != YAML_READER_ERROR else {
            return YAMLProblem(.badBytes, text, fix: "remove the character", at: readerMark())
        }
        let mark = Self.mark(parser.pointee.problem_mark)
        return YAMLSyntax.problem(
            text, character: character(at: mark), at: mark,
            opening: Self.mark(parser.pointee.context_mark),
            hasReference: line(mark.line).contains("${"))
    }

    /// Reader errors carry only the offset of the byte.
    private func readerMark() -> YAMLMark {
        let before = bytes.prefix(parser.pointee.problem_offset)
        let line = before.count { $0 == UInt8(ascii: "\n") } + 1
        let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        let column = String(decoding: before[start...], as: UTF8.self).unicodeScalars.count + 1
        return YAMLMark(line: line, column: column)
    }

    private func character(at mark: YAMLMark) -> Character? {
        line(mark.line).unicodeScalars.dropFirst(mark.column - 1).first.map(Character.init)
    }

    private func line(_ number: Int) -> String {
        let lines = bytes.split(
            separator: UInt8(ascii: "\n"), maxSplits: number, omittingEmptySubsequences: false)
        return number <= lines.count ? String(decoding: lines[number - 1], as: UTF8.self) : ""
    }
}
