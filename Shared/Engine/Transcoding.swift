import Glibc
import Pipelines

/// Makes UTF-8 of a text in another encoding, through the C library's iconv, a piece at a time.
struct Transcoding {
    let encoding: TextEncoding
    /// The largest text that it makes.
    let limitBytes: Int

    private static let pieceBytes = 1 << 20

    /// Writes the text of `source` into the file at `target`.
    ///
    /// - Throws: `EngineError`; `Refusal` at bytes that are no character.
    func run(_ source: UnsafeRawBufferPointer, to target: String) throws {
        guard let converter = iconv_open("UTF-8", name), Int(bitPattern: converter) != -1 else {
            throw EngineError(.missing, "this host's iconv does not know \(name)")
        }
        defer { iconv_close(converter) }
        let file = try OutputFile(target)
        // A whole character is at most four bytes; one byte becomes at most three.
        var piece = [UInt8](repeating: 0, count: 4 * Self.pieceBytes)
        var read = 0
        var written = 0
        while read < source.count {
            let rest = UnsafeRawBufferPointer(rebasing: source[read...].prefix(Self.pieceBytes))
            let isLast = read + rest.count == source.count
            let (taken, made, code) = convert(converter, rest, into: &piece)
            read += taken
            written += made
            guard written <= limitBytes else {
                throw Refusal(.unreadable, "the text is more than \(limitBytes >> 20) MiB as UTF-8")
            }
            try file.write(piece[..<made])
            // A character that the piece cuts comes whole with the next one.
            guard code == 0 || code == E2BIG || (code == EINVAL && !isLast && taken > 0) else {
                throw refusal(source, at: read)
            }
        }
    }

    private func convert(
        _ converter: iconv_t, _ source: UnsafeRawBufferPointer, into piece: inout [UInt8]
    ) -> (taken: Int, made: Int, code: Int32) {
        piece.withUnsafeMutableBytes { bytes in
            let piece = bytes.assumingMemoryBound(to: CChar.self)
            // iconv does not write to its input, though its type says so.
            var input = source.baseAddress.map {
                UnsafeMutablePointer(mutating: $0.assumingMemoryBound(to: CChar.self))
            }
            var output = piece.baseAddress
            var inputLeft = source.count
            var outputLeft = piece.count
            let result = iconv(converter, &input, &inputLeft, &output, &outputLeft)
            let code = result == -1 ? errno : 0
            return (source.count - inputLeft, piece.count - outputLeft, code)
        }
    }

    private func refusal(_ source: UnsafeRawBufferPointer, at byte: Int) -> Refusal {
        var lines = LineCounter(source)
        let place = lines.place(of: byte)
        return Refusal(
            .unreadable,
            "line \(place.line), byte \(place.byte) is no character in \(encoding.rawValue); "
                + "the text is in another encoding")
    }

    /// As iconv calls it.
    private var name: String {
        switch encoding {
        case .utf16: "UTF-16"
        case .latin1: "ISO-8859-1"
        case .latin9: "ISO-8859-15"
        case .windows1250: "CP1250"
        case .windows1251: "CP1251"
        case .windows1252: "CP1252"
        }
    }
}
