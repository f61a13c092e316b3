extension FieldValue: Codable {
    /// As the management API writes the same value in JSON.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let text): try container.encode(text)
        case .number(let number): try container.encode(number)
        case .flag(let flag): try container.encode(flag)
        case .list(let values): try container.encode(values)
        case .table(let values): try container.encode(values)
        case .other: try container.encodeNil()
        }
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .other
        } else if let flag = try? container.decode(Bool.self) {
            self = .flag(flag)
        } else if let number = try? container.decode(Int.self) {
            self = .number(number)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let values = try? container.decode([FieldValue].self) {
            self = .list(values)
        } else {
            self = .table(try container.decode([String: FieldValue].self))
        }
    }
}

extension [String: FieldValue] {
    /// What of them can be kept and sent again: texts without NUL and not longer than a page,
    /// nothing nested deeply, and in all no more than a message may carry. Ours go first.
    public var keepable: [String: FieldValue] {
        var kept: [String: FieldValue] = [:]
        var room = 48 << 10
        for (key, value) in sorted(by: { Self.rank($0.key) < Self.rank($1.key) }) {
            let value = value.keepable(depth: 4)
            let size = key.utf8.count + value.wireBytes
            guard key.utf8.count <= 128, size <= room else { continue }
            room -= size
            kept[key.printable] = value
        }
        return kept
    }

    private static func rank(_ key: String) -> (Int, String) {
        let isOurs = ["cloudEvents", "millrace-", "trace"].contains { key.hasPrefix($0) }
        return (isOurs ? 0 : 1, key)
    }
}

extension FieldValue {
    fileprivate func keepable(depth: Int) -> FieldValue {
        switch self {
        case .text(let text): .text(text.printable.cut(toBytes: 4096))
        case .list(let values):
            depth == 0 ? .other : .list(values.prefix(64).map { $0.keepable(depth: depth - 1) })
        case .table(let values):
            depth == 0 ? .other : .table(values.kept(depth: depth - 1))
        case .number, .flag, .other: self
        }
    }
}

extension [String: FieldValue] {
    fileprivate func kept(depth: Int) -> [String: FieldValue] {
        var kept: [String: FieldValue] = [:]
        for (key, value) in sorted(by: { $0.key < $1.key }).prefix(64) {
            kept[key.printable] = value.keepable(depth: depth)
        }
        return kept
    }
}
