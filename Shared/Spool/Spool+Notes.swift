public import Events
import Files
import Foundation

extension Spool {
    /// What was noted last of a source; nil for nothing.
    ///
    /// Who then commits or keeps a note of it does so upon this one: when another was adopted
    /// meanwhile, that fails.
    public func note(of source: String) async throws(SpoolError) -> String? {
        try await run { folder in
            folder.bases.see(source)
            return try folder.notes().read(source, folder).text
        }
    }

    /// Notes how far a source has been read, where no segment says it.
    public func keep(_ note: SourceNote) async throws(SpoolError) {
        try await run { try $0.keep(note) }
    }

    /// Puts another note in the place of a source's own. Whoever reads the source at the moment
    /// cannot commit what it has read, and begins again from this note.
    ///
    /// - Parameters:
    ///   - text: Nil for nothing.
    ///   - segment: The one that the next is said to follow; nil for the last one that is known.
    ///   - edit: The edit that this follows.
    public func adopt(
        _ text: String?, of source: String, after segment: ULID? = nil, edit: ULID?
    ) async throws(SpoolError) {
        try await run { try $0.adopt(text, of: source, after: segment, edit: edit) }
    }

    /// The last edit of a source's state that was followed here.
    public func edit(of source: String) async throws(SpoolError) -> ULID? {
        try await run { try $0.notes().read(source, $0).edit }
    }

    /// The last segment of a source, those before it that have not all gone on, and the one before
    /// these.
    public func chain(of source: String) async throws(SpoolError) -> Set<ULID> {
        try await run { try $0.chain(of: source) }
    }

    /// What a segment says of its source; nil for one that says nothing.
    public func note(with segment: ULID) async throws(SpoolError) -> SegmentNote? {
        try await run { try $0.note(with: segment) }
    }
}

extension SpoolFolder {
    func keep(_ note: SourceNote) throws {
        try bases.holding(note.source) {
            var held = try notes().read(note.source, self)
            held.text = note.text
            try notes().settle(held, of: note.source)
        }
    }

    func adopt(
        _ text: String?, of source: String, after segment: ULID?, edit: ULID?
    ) throws {
        try bases.change(source) {
            let held = try notes().read(source, self)
            try notes().settle(
                SourceNotes.Held(text: text, last: segment ?? held.last, edit: edit), of: source)
        }
    }

    func chain(of source: String) throws -> Set<ULID> {
        var chain: Set<ULID> = []
        var next = try notes().read(source, self).last
        while let segment = next, chain.insert(segment).inserted {
            next = try note(with: segment)?.before
        }
        return chain
    }

    func note(with segment: ULID) throws -> SegmentNote? {
        guard let file = try open().open(SpoolName.text(segment, .note)) else { return nil }
        return try EventJSON.decode(SegmentNote.self, from: file.contents())
    }
}
