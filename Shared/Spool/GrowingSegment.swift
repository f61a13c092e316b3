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
    /// Begins a segment. It ends with `commit` or `abandon`.
    public func begin() async throws(SpoolError) -> GrowingSegment {
        try await run { try $0.begin() }
    }

    /// Makes it a segment, and says with it how far its source has been read: after a crash at any
    /// moment either both hold or neither.
    ///
    /// - Parameter note: What `note(of:)` gives from now on.
    public func commit(
        _ segment: GrowingSegment, as label: SegmentLabel, note: SourceNote
    ) async throws(SpoolError) -> Segment {
        try await run { try $0.commit(segment, as: label, note) }
    }

    /// Forgets what was written.
    public func abandon(_ segment: GrowingSegment) async throws(SpoolError) {
        try await run { _ in try segment.part.abandon() }
    }

    /// The digest of what was written so far.
    public func sha256(of segment: GrowingSegment) async throws(SpoolError) -> String {
        try await run { _ in try segment.part.digest().sha256 }
    }

    /// What was noted last of a source; nil for nothing.
    public func note(of source: String) async throws(SpoolError) -> String? {
        try await run { try $0.notes().read(source, $0) }
    }

    /// Notes how far a source has been read, where no segment says it.
    public func keep(_ note: SourceNote) async throws(SpoolError) {
        try await run { try $0.notes().settle(note) }
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
        _ segment: GrowingSegment, as label: SegmentLabel, _ note: SourceNote
    ) throws -> Segment {
        let spool = try open()
        let digest = try segment.part.digest()
        let facts = label.facts(
            segment.id, bytes: digest.bytes, sha256: digest.sha256, modifiedAt: Date())
        try writeFacts(facts, in: spool)
        let notes = try notes()
        try notes.propose(note, with: segment.id, self)
        let committed = try segment.part.commit(facts)
        try notes.settle(note)
        return committed
    }

    func notes() throws -> SourceNotes { SourceNotes(folder: try open().making("sources")) }
}
