public import Events
import Files
import Foundation

/// How far a source has been read.
public struct SourceNote: Sendable, Equatable {
    /// `<pipeline>.<dataset>`.
    public var source: String
    /// Only its writer knows what it says.
    public var text: String

    public init(source: String, text: String) {
        self.source = source
        self.text = text
    }
}

/// What a segment says of its source, for the lake: it lies beside the segment's facts.
public struct SegmentNote: Codable, Sendable, Equatable {
    public var source: String
    /// What holds once the segment is in the lake.
    public var text: String
    /// The segment of the source that came before; nil for none.
    public var before: ULID?
    /// The last edit of the state that its writer knew.
    public var edit: ULID?
    /// Segments that go into the lake with it, before it.
    public var group: [ULID] = []
    /// The segment that says it for all that go with it; nil for that one itself.
    public var leader: ULID?
}

/// The folder with what is noted of each source.
///
/// Before segments are committed their note is proposed beside the one that holds. Whether the
/// first of them was committed is seen from the spool, and the others are made good then, so that
/// segments and note hold together or not at all.
struct SourceNotes {
    /// What holds of a source.
    struct Held: Codable {
        var text: String?
        /// The last segment that came of it.
        var last: ULID?
        /// The last edit that was followed.
        var edit: ULID?
    }

    private struct Content: Codable {
        struct Proposal: Codable {
            var segments: [ULID]
            var text: String
        }
        var text: String?
        var last: ULID?
        var edit: ULID?
        var proposal: Proposal?
    }

    let folder: Folder

    func read(_ source: String, _ spool: SpoolFolder) throws -> Held {
        guard let content = try content(of: source) else { return Held() }
        guard let proposal = content.proposal, let first = proposal.segments.first,
            try isCommitted(first, spool)
        else { return Held(text: content.text, last: content.last, edit: content.edit) }
        try complete(proposal, in: spool.open())
        return Held(text: proposal.text, last: proposal.segments.last, edit: content.edit)
    }

    /// Makes good what the commits of a dead process have left undone.
    func complete(_ spool: SpoolFolder) throws {
        for entry in try folder.entries() where !entry.name.hasSuffix(".part") {
            _ = try read(entry.name, spool)
        }
    }

    private func complete(_ proposal: Content.Proposal, in spool: Folder) throws {
        var isChanged = false
        for id in proposal.segments.dropFirst() {
            let part = SpoolName.text(id, .part)
            guard try spool.info(part) != nil else { continue }
            _ = try spool.rename(part, into: spool, as: SpoolName.text(id, .segment))
            isChanged = true
        }
        if isChanged { try spool.sync() }
    }

    /// As long as its part is there it is unfinished, whatever else there is of it.
    private func isCommitted(_ segment: ULID, _ spool: SpoolFolder) throws -> Bool {
        guard try spool.open().info(SpoolName.text(segment, .part)) == nil else { return false }
        return try spool.state(of: segment) != .unknown
    }

    /// Says also beside each segment what it says of its source: the last one says it for all.
    func propose(_ note: SourceNote, with segments: [ULID], _ spool: SpoolFolder) throws {
        let held = try read(note.source, spool)
        let files = try spool.open()
        if let last = segments.last {
            let member = SegmentNote(source: note.source, text: "", leader: last)
            for id in segments.dropLast() {
                try files.write(EventJSON.encode(member), as: SpoolName.text(id, .note))
            }
            let said = SegmentNote(
                source: note.source, text: note.text, before: held.last, edit: held.edit,
                group: Array(segments.dropLast()))
            try files.write(EventJSON.encode(said), as: SpoolName.text(last, .note))
        }
        let content = Content(
            text: held.text, last: held.last, edit: held.edit,
            proposal: Content.Proposal(segments: segments, text: note.text))
        try folder.write(EventJSON.encode(content), as: note.source)
    }

    /// Says what holds, and that nothing is under way.
    func settle(_ held: Held, of source: String) throws {
        try folder.write(
            EventJSON.encode(Content(text: held.text, last: held.last, edit: held.edit)),
            as: source)
    }

    private func content(of source: String) throws -> Content? {
        guard let file = try folder.open(source) else { return nil }
        return try EventJSON.decode(Content.self, from: file.contents())
    }
}
