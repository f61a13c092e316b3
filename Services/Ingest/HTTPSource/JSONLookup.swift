import Foundation

/// Finds a value in a record that is JSON; knows nothing of what is wrong with it elsewhere.
struct JSONLookup {
    private let bytes: UnsafeRawBufferPointer
    private var index = 0

    /// The text, number or boolean that the keys lead to; nil for null, for an object, and where
    /// nothing is. Of an array its first element is taken.
    static func text(at path: [String], in bytes: UnsafeRawBufferPointer) -> String? {
        guard let range = ranges(at: path, in: bytes, isFirstEnough: true).first else { return nil }
        var lookup = JSONLookup(bytes: bytes)
        lookup.index = range.lowerBound
        return lookup.scalar()
    }

    /// All texts, numbers and booleans that the keys lead to, but empty texts.
    static func texts(at path: [String], in bytes: UnsafeRawBufferPointer) -> [String] {
        ranges(at: path, in: bytes).compactMap { range in
            var lookup = JSONLookup(bytes: bytes)
            lookup.index = range.lowerBound
            return lookup.scalar().flatMap { $0.isEmpty ? nil : $0 }
        }
    }

    /// Where the values stand that the keys lead to, but nulls. Arrays on the way, and at its end,
    /// are gone through.
    static func ranges(
        at path: [String], in bytes: UnsafeRawBufferPointer, isFirstEnough: Bool = false
    ) -> [Range<Int>] {
        var lookup = JSONLookup(bytes: bytes)
        var found: [Range<Int>] = []
        lookup.collect(path[...], into: &found, isFirstEnough, depth: 0)
        return found
    }

    /// What a text between its quotes stands for.
    static func unescaped(_ text: ArraySlice<UInt8>) -> String {
        guard text.contains(UInt8(ascii: "\\")) else {
            return String(decoding: text, as: UTF8.self)
        }
        let quoted = Data([UInt8(ascii: "\"")] + text + [UInt8(ascii: "\"")])
        do {
            return try JSONDecoder().decode(String.self, from: quoted)
        } catch {
            return String(decoding: text, as: UTF8.self)
        }
    }

    /// True for a number, `true`, `false` and `null`.
    static func isWord(_ text: String) -> Bool {
        if ["true", "false", "null"].contains(text) { return true }
        let marks = "+-.eE".utf8
        return text.utf8.contains { (48...57).contains($0) }
            && text.utf8.allSatisfy { (48...57).contains($0) || marks.contains($0) }
    }

    private init(bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    private static let depthLimit = 64

    private mutating func collect(
        _ path: ArraySlice<String>, into found: inout [Range<Int>], _ isFirstEnough: Bool,
        depth: Int
    ) {
        skipBlanks()
        guard index < bytes.count else { return }
        if bytes[index] == UInt8(ascii: "["), depth < Self.depthLimit {
            index += 1
            skipBlanks()
            while index < bytes.count, bytes[index] != UInt8(ascii: "]") {
                collect(path, into: &found, isFirstEnough, depth: depth + 1)
                if isFirstEnough, !found.isEmpty { return }
                skipBlanks()
                guard take(UInt8(ascii: ",")) else { break }
                skipBlanks()
            }
            _ = take(UInt8(ascii: "]"))
        } else if let name = path.first {
            collectMember(name, path.dropFirst(), into: &found, isFirstEnough, depth: depth)
        } else {
            let start = index
            skipValue()
            let isNull = bytes[start..<index].elementsEqual("null".utf8)
            if !isNull { found.append(start..<index) }
        }
    }

    private mutating func collectMember(
        _ name: String, _ rest: ArraySlice<String>, into found: inout [Range<Int>],
        _ isFirstEnough: Bool, depth: Int
    ) {
        guard bytes[index] == UInt8(ascii: "{") else { return skipValue() }
        index += 1
        skipBlanks()
        while let key = text() {
            skipBlanks()
            guard take(UInt8(ascii: ":")) else { return }
            if key == name {
                collect(rest, into: &found, isFirstEnough, depth: depth)
                if isFirstEnough, !found.isEmpty { return }
            } else {
                skipValue()
            }
            skipBlanks()
            guard take(UInt8(ascii: ",")) else { break }
            skipBlanks()
        }
        _ = take(UInt8(ascii: "}"))
    }

    private mutating func scalar() -> String? {
        if let text = text() { return text }
        let start = index
        skipWord()
        let word = String(decoding: bytes[start..<index], as: UTF8.self)
        return word != "null" && Self.isWord(word) ? word : nil
    }

    private mutating func text() -> String? {
        guard take(UInt8(ascii: "\"")) else { return nil }
        let start = index
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
            index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        guard index < bytes.count else { return nil }
        defer { index += 1 }
        return Self.unescaped(Array(bytes[start..<index])[...])
    }

    private mutating func skipValue() {
        skipBlanks()
        var depth = 0
        repeat {
            guard index < bytes.count else { return }
            switch bytes[index] {
            case UInt8(ascii: "\""): _ = text()
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                index += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                index += 1
            case UInt8(ascii: ","), UInt8(ascii: ":"), 0x20: index += 1
            default: skipWord()
            }
        } while depth > 0
    }

    private mutating func skipWord() {
        let start = index
        while index < bytes.count, bytes[index] > 0x20, !",:{}[]\"".utf8.contains(bytes[index]) {
            index += 1
        }
        // What is no word is passed over, so that every call goes on.
        if index == start { index += 1 }
    }

    private mutating func skipBlanks() {
        while index < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[index]) { index += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard index < bytes.count, bytes[index] == byte else { return false }
        index += 1
        return true
    }
}
