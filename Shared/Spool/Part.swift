import Events
import Files

/// A segment that is being written.
struct Part {
    let id = ULID()
    private let spool: Folder
    private let file: OpenFile

    init(in spool: Folder) throws(FileError) {
        self.spool = spool
        file = try spool.create(SpoolName.text(id, .part))
    }

    /// Writes what `source` holds, and makes it durable.
    func fill(from source: OpenFile) throws(FileError) -> FileDigest {
        let digest = try source.digest { piece throws(FileError) in try file.write(piece) }
        try file.sync()
        return digest
    }

    /// Writes bytes at its end; `digest` makes them durable.
    func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) { try file.write(bytes) }

    /// Forgets what is behind the first `bytes`.
    func truncate(to bytes: Int) throws(FileError) { try file.truncate(to: bytes) }

    /// Makes what was written durable, and reads it once more.
    func digest() throws(FileError) -> FileDigest {
        try file.sync()
        return try file.digest()
    }

    /// The step after which it is a segment.
    func commit(_ facts: SegmentCaptured) throws -> Segment {
        let name = SpoolName.text(id, .segment)
        guard try spool.rename(SpoolName.text(id, .part), into: spool, as: name) else {
            throw SpoolError(.unreachable, "spool: somebody removed `\(spool.path(of: name)).part`")
        }
        try spool.sync()
        return Segment(facts: facts, path: spool.path(of: name))
    }

    /// False when it is a segment, or gone.
    var isThere: Bool {
        get throws(FileError) { try spool.info(SpoolName.text(id, .part)) != nil }
    }

    /// Removes all of it; the bytes last, since they say that it is unfinished.
    func abandon() throws(FileError) {
        guard try isThere else { return }
        try spool.remove(SpoolName.text(id, .origin))
        try spool.remove(SpoolName.text(id, .note))
        try spool.remove(SpoolName.text(id, .facts))
        try spool.remove(SpoolName.text(id, .part))
    }
}
