import Events
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

/// The folder with what is noted of each source.
///
/// Before segments are committed their note is proposed beside the one that holds. Whether the
/// first of them was committed is seen from the spool, and the others are made good then, so that
/// segments and note hold together or not at all.
struct SourceNotes {
    private struct Content: Codable {
        struct Proposal: Codable {
            var segments: [ULID]
            var text: String
        }
        var text: String?
        var proposal: Proposal?
    }

    let folder: Folder

    func read(_ source: String, _ spool: SpoolFolder) throws -> String? {
        guard let content = try content(of: source) else { return nil }
        guard let proposal = content.proposal, let first = proposal.segments.first,
            try isCommitted(first, spool)
        else { return content.text }
        try complete(proposal, in: spool.open())
        return proposal.text
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

    func propose(_ note: SourceNote, with segments: [ULID], _ spool: SpoolFolder) throws {
        let content = Content(
            text: try read(note.source, spool),
            proposal: Content.Proposal(segments: segments, text: note.text))
        try folder.write(EventJSON.encode(content), as: note.source)
    }

    func settle(_ note: SourceNote) throws {
        try folder.write(EventJSON.encode(Content(text: note.text)), as: note.source)
    }

    private func content(of source: String) throws -> Content? {
        guard let file = try folder.open(source) else { return nil }
        return try EventJSON.decode(Content.self, from: file.contents())
    }
}
