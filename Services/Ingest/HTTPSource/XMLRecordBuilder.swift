import XML

/// Makes JSON objects of the elements that a path leads to.
///
/// An element with nothing but text is that text, without blanks around it; null when there is none
/// or it says `nil="true"`. Its attributes stand beside it, as `name@attribute`. Any other element
/// is an object: its attributes as `@attribute`, its elements by name, its own text as `#text`.
/// What comes several times is an array. `type`, which tells of a text what it means, is left out.
final class XMLRecordBuilder: XMLHandler {
    private static let limitBytes = 16 << 20

    let path: [String]
    private let lists: Set<String>
    /// Elements that stand where the path goes another way, for messages.
    private(set) var names: [String] = []
    /// True when the element was there that the records are in.
    private(set) var hasPlace = false
    private(set) var isTooLong = false
    private var depth = 0
    private var matched = 0
    private var nodes: [XMLNode] = []
    private var records: [[UInt8]] = []
    private var bytes = 0

    init(path: [String], lists: Set<String>) {
        self.path = path
        self.lists = lists
    }

    /// The records that have come since it was asked last.
    func takeRecords() -> [[UInt8]] {
        defer { records = [] }
        return records
    }

    func begin(_ name: String, _ attributes: [(name: String, value: String)]) {
        defer { depth += 1 }
        guard !isTooLong else { return }
        if !nodes.isEmpty { return push(name, attributes) }
        guard depth == matched else { return }
        if depth == 0, path.isEmpty { return push(name, attributes) }
        guard matched < path.count else { return }
        guard path[matched] == name else {
            if names.count < 20, !names.contains(name) { names.append(name) }
            return
        }
        matched += 1
        if matched >= path.count - 1, path.count > 1 { hasPlace = true }
        if matched == path.count { push(name, attributes) }
    }

    func text(_ bytes: UnsafeRawBufferPointer) {
        guard !nodes.isEmpty, !isTooLong else { return }
        nodes[nodes.count - 1].text.append(contentsOf: bytes)
        count(bytes.count)
    }

    func end() {
        depth -= 1
        guard !isTooLong else { return }
        if let node = nodes.popLast() {
            if nodes.isEmpty {
                records.append(node.object(lists))
                bytes = 0
            } else {
                let name = node.name
                let (value, besides) = node.value(lists)
                nodes[nodes.count - 1].add(name, value, besides)
            }
        }
        if nodes.isEmpty { matched = min(matched, depth) }
    }

    private func push(_ name: String, _ attributes: [(name: String, value: String)]) {
        hasPlace = true
        nodes.append(XMLNode(name: name, attributes: attributes))
        count(name.utf8.count + attributes.reduce(16) { $0 + $1.value.utf8.count })
    }

    private func count(_ more: Int) {
        bytes += more
        guard bytes > Self.limitBytes else { return }
        isTooLong = true
        nodes = []
    }
}

/// An element that is being read.
struct XMLNode {
    private struct Member {
        let name: String
        /// JSON, in the order in which they came.
        var values: [[UInt8]]
    }

    let name: String
    private let attributes: [(name: String, value: String)]
    private let isNil: Bool
    var text: [UInt8] = []
    private var members: [Member] = []
    private var places: [String: Int] = [:]

    init(name: String, attributes: [(name: String, value: String)]) {
        self.name = name
        func isHint(_ name: String) -> Bool {
            name == "type" || name == "nil" || name.hasSuffix(":nil") || name.hasSuffix(":type")
        }
        isNil = attributes.contains { $0.name != "type" && isHint($0.name) && $0.value == "true" }
        self.attributes = attributes.filter { !isHint($0.name) }
    }

    /// Adds an element that is over.
    ///
    /// - Parameter besides: What stands beside its value, by name.
    mutating func add(_ name: String, _ value: [UInt8], _ besides: [(String, [UInt8])]) {
        let index = append(value, to: name)
        for (attribute, value) in besides { append(value, to: "\(name)@\(attribute)", at: index) }
    }

    /// Its value where it stands in another element.
    func value(_ lists: Set<String>) -> (value: [UInt8], besides: [(String, [UInt8])]) {
        let own = attributes.map { ($0.name, JSONBytes.quoted(Array($0.value.utf8)[...])) }
        let text = JSONBytes.trimmed(text)
        if isNil { return (JSONBytes.null, own) }
        guard members.isEmpty else { return (object(lists), []) }
        guard text.isEmpty else { return (JSONBytes.quoted(text), own) }
        return (own.isEmpty ? JSONBytes.null : object(lists), [])
    }

    /// It as a JSON object.
    func object(_ lists: Set<String>) -> [UInt8] {
        var parts: [[UInt8]] = []
        func add(_ name: String, _ value: [UInt8]) {
            parts.append(JSONBytes.quoted(Array(name.utf8)[...]) + [UInt8(ascii: ":")] + value)
        }
        for attribute in attributes {
            add("@\(attribute.name)", JSONBytes.quoted(Array(attribute.value.utf8)[...]))
        }
        for member in members {
            let element = member.name.prefix { $0 != "@" }
            let isList = member.values.count > 1 || lists.contains(String(element))
            add(member.name, isList ? JSONBytes.array(member.values) : member.values[0])
        }
        let text = JSONBytes.trimmed(text)
        if !text.isEmpty { add("#text", JSONBytes.quoted(text)) }
        return [UInt8(ascii: "{")] + Array(parts.joined(separator: [UInt8(ascii: ",")]))
            + [UInt8(ascii: "}")]
    }

    /// - Parameter place: Where it comes in an array; what is missing before it is null.
    /// - Returns: Its place in the array.
    @discardableResult
    private mutating func append(_ value: [UInt8], to name: String, at place: Int? = nil) -> Int {
        let index = places[name] ?? members.count
        if index == members.count {
            places[name] = index
            members.append(Member(name: name, values: []))
        }
        while let place, members[index].values.count < place {
            members[index].values.append(JSONBytes.null)
        }
        members[index].values.append(value)
        return members[index].values.count - 1
    }
}

/// Pieces of JSON.
enum JSONBytes {
    static let null = Array("null".utf8)

    static func array(_ values: [[UInt8]]) -> [UInt8] {
        [UInt8(ascii: "[")] + Array(values.joined(separator: [UInt8(ascii: ",")]))
            + [UInt8(ascii: "]")]
    }

    static func quoted(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var quoted: [UInt8] = [UInt8(ascii: "\"")]
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): quoted += [UInt8(ascii: "\\"), byte]
            case 0x0A: quoted += "\\n".utf8
            case 0x09: quoted += "\\t".utf8
            case 0..<0x20: quoted += "\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8
            default: quoted.append(byte)
            }
        }
        quoted.append(UInt8(ascii: "\""))
        return quoted
    }

    /// Without blanks at its ends.
    static func trimmed(_ text: [UInt8]) -> ArraySlice<UInt8> {
        func isBlank(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(byte) }
        guard let first = text.firstIndex(where: { !isBlank($0) }),
            let last = text.lastIndex(where: { !isBlank($0) })
        else { return [] }
        return text[first...last]
    }
}
