public import Events
import Files
import Foundation
import Synchronization

/// A segment that is written while its records arrive; nobody sees it before `Spool.commit`.
///
/// For one writer at a time. Its calls block: they belong on a lane.
public final class GrowingSegment: Sendable {
    let part: Part
    /// While it is locked nobody takes the unfinished file for that of a dead process.
    private let writers: OpenFile
    private let count = Mutex(0)

    init(_ part: Part, writers: OpenFile) {
        self.part = part
        self.writers = writers
    }

    public var id: ULID { part.id }

    /// How many bytes it has.
    public var bytes: Int { count.withLock { $0 } }

    /// Adds bytes at its end.
    public func write(_ bytes: UnsafeRawBufferPointer) throws(SpoolError) {
        do {
            try part.write(bytes)
        } catch {
            throw SpoolError(error)
        }
        count.withLock { $0 += bytes.count }
    }

    /// Forgets what is behind the first `bytes`.
    public func truncate(to bytes: Int) throws(SpoolError) {
        do {
            try part.truncate(to: bytes)
        } catch {
            throw SpoolError(error)
        }
        count.withLock { $0 = bytes }
    }
}

extension Spool {
    /// Begins segments that are committed together. They end with `commit` or `abandon`.
    public func begin(_ count: Int = 1) async throws(SpoolError) -> [GrowingSegment] {
        try await run { spool in try (0..<count).map { _ in try spool.begin() } }
    }

    /// Makes them segments, and says with them how far their source has been read: after a crash at
    /// any moment either all of it holds or nothing. Those without bytes are left out.
    ///
    /// - Parameter note: What `note(of:)` gives from now on.
    public func commit(
        _ segments: [(GrowingSegment, SegmentLabel)], note: SourceNote
    ) async throws(SpoolError) -> [Segment] {
        try await run { try $0.commit(segments, note) }
    }

    /// Writes segments and commits them.
    public func write(
        _ contents: [([UInt8], SegmentLabel)], note: SourceNote
    ) async throws(SpoolError) -> [Segment] {
        try await run { try $0.write(contents, note) }
    }

    /// Forgets what was written, but segments that came to be.
    public func abandon(_ segments: [GrowingSegment]) async throws(SpoolError) {
        try await run { _ in try SpoolFolder.abandon(segments) }
    }

    /// The digest of what was written so far.
    public func sha256(of segment: GrowingSegment) async throws(SpoolError) -> String {
        try await run { _ in try segment.part.digest().sha256 }
    }
}

extension SpoolFolder {
    func begin() throws -> GrowingSegment {
        let spool = try open()
        let writers = try spool.openOrCreate(".writers")
        try writers.waitForLock(.shared)
        return GrowingSegment(try Part(in: spool), writers: writers)
    }

    func commit(
        _ segments: [(GrowingSegment, SegmentLabel)], _ note: SourceNote
    ) throws -> [Segment] {
        let spool = try open()
        for (segment, _) in segments where segment.bytes == 0 { try segment.part.abandon() }
        let written = segments.filter { $0.0.bytes > 0 }
        let notes = try notes()
        guard !written.isEmpty else {
            try keep(note)
            return []
        }
        let all = try written.map { segment, label in
            let digest = try segment.part.digest()
            let facts = label.facts(
                segment.id, bytes: digest.bytes, sha256: digest.sha256, modifiedAt: Date())
            try writeFacts(facts, in: spool)
            return facts
        }
        return try bases.holding(note.source) {
            try notes.propose(note, with: all.map(\.segment), self)
            // With the first of them all have come to be: what is missing is made good from the
            // note.
            let committed = try zip(written, all).map { try $0.0.part.commit($1) }
            try notes.settle(try notes.read(note.source, self), of: note.source)
            return committed
        }
    }

    func write(
        _ contents: [([UInt8], SegmentLabel)], _ note: SourceNote
    ) throws -> [Segment] {
        var segments: [(GrowingSegment, SegmentLabel)] = []
        do {
            for (bytes, label) in contents {
                let segment = try begin()
                segments.append((segment, label))
                try bytes.withUnsafeBytes { try segment.write($0) }
            }
            return try commit(segments, note)
        } catch {
            try Self.abandon(segments.map(\.0))
            throw error
        }
    }

    /// Where the first has come to be, the others are to come.
    static func abandon(_ segments: [GrowingSegment]) throws {
        guard let first = segments.first(where: { $0.bytes > 0 }) else {
            for segment in segments { try segment.part.abandon() }
            return
        }
        guard try first.part.isThere else { return }
        for segment in [first] + segments.filter({ $0 !== first }) { try segment.part.abandon() }
    }

    func notes() throws -> SourceNotes {
        SourceNotes(folder: try open().making(Self.sources))
    }

    /// The folder with the notes of sources.
    static let sources = "sources"
}
