/// Addresses that the answers mention; nobody asks them.
enum SimulatedLinks {
    static let site = "https://www.goodreads.example"
    private static let images = "https://images.gr-assets.example"

    /// The letters and digits of `text` in lower case, other runs as `separator`.
    static func slug(_ text: String, _ separator: String) -> String {
        let words = text.split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
        let slug = words.map { $0.lowercased() }.joined(separator: separator)
        return slug.isEmpty ? "x" : slug
    }

    /// - Parameters:
    ///   - kind: e.g. `books`.
    ///   - size: e.g. `m`, as the last letter of the folder says it.
    static func image(_ kind: String, _ id: Int, size: String, exists: Bool) -> String {
        exists
            ? "\(images)/\(kind)/\(1_300_000_000 + id % 100_000_000)\(size)/\(id).jpg"
            : "\(images)/assets/nophoto/\(kind)/\(size).png"
    }
}

extension FakeLocale {
    func name(blanks: Int, using draws: inout SplitMix64) -> String {
        var bytes: [UInt8] = []
        appendName(blanks: blanks, using: &draws, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    func city(using draws: inout SplitMix64) -> String {
        String(decoding: draws.pick(cities), as: UTF8.self)
    }
}
