import Events

/// Cuts a JSON answer into the records of the array that a path leads to, while it arrives.
///
/// A record keeps its bytes; line ends between its tokens become blanks, so that it fits in a line.
/// What is inside of a record is not judged here: the engine does that, and rejects it alone. What
/// is around the records must be right, or nobody knows where they are.
struct JSONRecordSplitter: RecordSplitter {
    private enum Place {
        case value, key, colon, afterValue, gap, text, word, record, end
    }

    private struct Frame {
        var isObject: Bool
        var key: String?
    }

    private static let depthLimit = 512
    /// Of a key or a value that is looked for.
    private static let textLimit = 64 << 10

    private let path: [String]
    private let wanted: [String]?
    /// What stands where `wanted` leads; nil for null and for nothing.
    private(set) var found: String?
    private var place = Place.value
    private var stack: [Frame] = []
    private var isJustOpened = false
    private var isKey = false
    private var text: [UInt8] = []
    private var isTextTooLong = false
    private var hasRecords = false
    private var isAfterComma = false
    private var isInArray = false
    private var isEscaped = false
    private var cut = RecordCut()
    private var isEmpty = true
    private var byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
    /// Names around the records, for messages.
    private var names: [String] = []

    /// - Parameters:
    ///   - path: The keys that lead to the records.
    ///   - wanted: The keys that lead to a value beside them.
    init(path: [String], wanted: [String]? = nil) {
        self.path = path
        self.wanted = wanted
    }

    mutating func take(
        _ bytes: UnsafeRawBufferPointer, into output: inout some RecordOutput
    ) throws {
        var index = 0
        while index < bytes.count {
            if place == .record {
                let isWhole = try cut.take(bytes, from: &index, into: &output)
                guard isWhole else { return }
                try output.endRecord()
                if isInArray { place = .gap } else { endValue() }
            } else if try step(bytes[index]) {
                index += 1
            }
        }
    }

    mutating func finish(into output: inout some RecordOutput) throws {
        if isEmpty { throw PollFailure(.transient, "http.no_json", "the answer is empty") }
        if place == .word, stack.isEmpty { try endWord() }
        guard place == .end else {
            throw PollFailure(.transient, "http.cut", "the answer ends in the middle")
        }
        guard hasRecords else {
            let what = path.isEmpty ? "no records" : "no `\(path.joined(separator: "."))`"
            let there = names.isEmpty ? "" : "; there is \(names.joined(separator: ", "))"
            throw PollFailure(.transient, "http.no_records", "\(what) in the answer\(there)")
        }
    }

    // MARK: Around the records

    /// - Returns: False when the byte is to be looked at again.
    private mutating func step(_ byte: UInt8) throws -> Bool {
        switch place {
        case .text: return try textByte(byte)
        case .word:
            if byte > 0x20, !",]}".utf8.contains(byte) {
                try keep(byte)
                return true
            }
            try endWord()
            return false
        default: break
        }
        if [0x20, 0x09, 0x0A, 0x0D].contains(byte) { return true }
        if isEmpty, byte == byteOrderMark.first {
            byteOrderMark.removeFirst()
            return true
        }
        defer { isEmpty = false }
        switch place {
        case .value: return try value(byte)
        case .key: try key(byte)
        case .colon:
            guard byte == UInt8(ascii: ":") else { throw notJSON("`:` is missing") }
            place = .value
        case .afterValue: try afterValue(byte)
        case .gap: return try gap(byte)
        case .end:
            // Documents may follow one another where each is a record.
            guard path.isEmpty, !isInArray, hasRecords else {
                throw notJSON("there is more behind its end")
            }
            place = .value
            return false
        case .text, .word, .record: break
        }
        return true
    }

    private mutating func value(_ byte: UInt8) throws -> Bool {
        if isEmpty, byte == UInt8(ascii: "<") {
            throw PollFailure(
                .transient, "http.no_json", "the answer is HTML or XML, not JSON; a login page?")
        }
        if isJustOpened, byte == UInt8(ascii: "]") {
            try close(isObject: false)
            return true
        }
        isJustOpened = false
        if isAtRecords { return try recordsBegin(byte) }
        switch byte {
        case UInt8(ascii: "{"): try open(isObject: true)
        case UInt8(ascii: "["): try open(isObject: false)
        case UInt8(ascii: "\""): beginText(isKey: false)
        default:
            beginText(isKey: false)
            place = .word
            return false
        }
        return true
    }

    private var isAtRecords: Bool {
        guard stack.count == path.count else { return false }
        return zip(stack, path).allSatisfy { $0.isObject && $0.key == $1 }
    }

    private mutating func recordsBegin(_ byte: UInt8) throws -> Bool {
        switch byte {
        case UInt8(ascii: "["):
            (hasRecords, isInArray, isAfterComma) = (true, true, false)
            isJustOpened = true
            place = .gap
            return true
        case UInt8(ascii: "{"):
            (hasRecords, isInArray) = (true, false)
            beginRecord()
            return false
        case UInt8(ascii: "n"):
            hasRecords = true
            beginText(isKey: false)
            place = .word
            return false
        default:
            throw PollFailure(
                .transient, "http.no_records",
                "neither an array nor an object is where the "
                    + "records should be")
        }
    }

    private mutating func gap(_ byte: UInt8) throws -> Bool {
        switch byte {
        case UInt8(ascii: "]"):
            guard !isAfterComma else { throw notJSON("a record is missing behind a comma") }
            endValue()
        case UInt8(ascii: ","):
            guard !isJustOpened, !isAfterComma else { throw notJSON("a record is missing") }
            isAfterComma = true
        default:
            guard isJustOpened || isAfterComma else { throw notJSON("`,` is missing") }
            (isJustOpened, isAfterComma) = (false, false)
            beginRecord()
            return false
        }
        return true
    }

    private mutating func open(isObject: Bool) throws {
        guard stack.count < Self.depthLimit else {
            throw notJSON("values are nested deeper than \(Self.depthLimit)")
        }
        stack.append(Frame(isObject: isObject))
        place = isObject ? .key : .value
        isJustOpened = true
    }

    private mutating func close(isObject: Bool) throws {
        guard let last = stack.popLast(), last.isObject == isObject else {
            throw notJSON("its brackets do not match")
        }
        isJustOpened = false
        endValue()
    }

    private mutating func endValue() {
        place = stack.isEmpty ? .end : .afterValue
    }

    private mutating func key(_ byte: UInt8) throws {
        if byte == UInt8(ascii: "}"), isJustOpened { return try close(isObject: true) }
        guard byte == UInt8(ascii: "\"") else { throw notJSON("a name in quotes is missing") }
        isJustOpened = false
        beginText(isKey: true)
    }

    private mutating func afterValue(_ byte: UInt8) throws {
        let isObject = stack.last?.isObject ?? false
        switch byte {
        case UInt8(ascii: ","): place = isObject ? .key : .value
        case UInt8(ascii: "}"): try close(isObject: true)
        case UInt8(ascii: "]"): try close(isObject: false)
        default: throw notJSON("`,` is missing")
        }
    }

    // MARK: Texts and words around the records

    private mutating func beginText(isKey: Bool) {
        (self.isKey, isEscaped, isTextTooLong) = (isKey, false, false)
        text.removeAll(keepingCapacity: true)
        place = .text
    }

    private mutating func textByte(_ byte: UInt8) throws -> Bool {
        if !isEscaped, byte == UInt8(ascii: "\"") {
            isKey ? endKey() : try endText()
            return true
        }
        isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
        try keep(byte)
        return true
    }

    private mutating func keep(_ byte: UInt8) throws {
        if text.count < Self.textLimit { text.append(byte) } else { isTextTooLong = true }
    }

    private mutating func endKey() {
        let name = JSONLookup.unescaped(text[...])
        stack[stack.count - 1].key = name
        if stack.count == path.count, names.count < 20 { names.append("`\(name.prefix(40))`") }
        place = .colon
    }

    private mutating func endText() throws {
        try note(JSONLookup.unescaped(text[...]))
        endValue()
    }

    private mutating func endWord() throws {
        let word = String(decoding: text, as: UTF8.self)
        guard JSONLookup.isWord(word) else { throw notJSON("`\(word.prefix(20))` is no value") }
        if word != "null" { try note(word) }
        endValue()
    }

    private mutating func note(_ value: String) throws {
        guard let wanted, stack.count == wanted.count,
            zip(stack, wanted).allSatisfy({ $0.isObject && $0.key == $1 })
        else { return }
        guard !isTextTooLong else { throw notJSON("the next page's name is too long") }
        found = value
    }

    private func notJSON(_ reason: String) -> PollFailure {
        PollFailure(.transient, "http.no_json", "the answer is not JSON: \(reason)")
    }

    private mutating func beginRecord() {
        cut = RecordCut()
        place = .record
    }
}
