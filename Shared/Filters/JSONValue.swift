/// A JSON value as filters see it: texts byte by byte, numbers as decimal numbers, never as
/// floating point.
public indirect enum JSONValue: Sendable, Hashable {
    case null
    case boolean(Bool)
    case number(FilterNumber)
    case text(String)
    case array([JSONValue])
    /// In the order of the text; of two members with the same name the last one counts.
    case object([Member])

    /// A name and its value.
    public struct Member: Sendable, Hashable {
        public var name: String
        public var value: JSONValue

        public init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// Reads a whole JSON text (RFC 8259).
    ///
    /// - Throws: `FilterMistake` that says where it is none.
    public init(_ text: some Sequence<UInt8>) throws(FilterMistake) {
        let bytes = Array(text)
        var reader = JSONReader(bytes)
        do throws(FilterMistake) {
            self = try reader.document().plain
        } catch {
            throw error.located(in: bytes)
        }
    }

    /// The member of that name; nil where there is none, and in what is no object.
    public subscript(_ name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        // Canonically equal texts of different bytes are different names.
        return members.last { $0.name.hasSameBytes(as: name) }?.value
    }

    /// The values that are no array and no object, those in arrays of arrays included.
    var leaves: [JSONValue] {
        switch self {
        case .object: []
        case .array(let elements): elements.flatMap(\.leaves)
        default: [self]
        }
    }

    /// True when there is a value at the end of the path, whichever elements of arrays it leads
    /// through.
    func hasLeaf(at path: some Collection<String>) -> Bool {
        guard let name = path.first else { return !leaves.isEmpty }
        switch self {
        case .object: return self[name]?.hasLeaf(at: path.dropFirst()) ?? false
        case .array(let elements): return elements.contains { $0.hasLeaf(at: path) }
        default: return false
        }
    }
}

extension StringProtocol {
    func hasSameBytes(as other: some StringProtocol) -> Bool { utf8.elementsEqual(other.utf8) }
}
