import Events

/// What reading a file to its end told.
public struct FileDigest: Sendable, Equatable {
    public let bytes: Int
    /// Lower-case hexadecimal.
    public let sha256: String
}

extension OpenFile {
    /// Reads the whole file; `piece` sees it pass.
    public func digest(
        _ piece: (UnsafeRawBufferPointer) throws(FileError) -> Void = { _ in }
    ) throws(FileError) -> FileDigest {
        var digest = SHA256()
        var bytes = 0
        try read { next throws(FileError) in
            digest.update(next)
            bytes += next.count
            try piece(next)
        }
        return FileDigest(bytes: bytes, sha256: digest.finish())
    }
}
