public import Events
public import Foundation

/// How far a source has been read, as the lake knows it: what is durable there goes with it.
public struct SourceState: Codable, Sendable, Equatable {
    /// A segment on its way into the lake, and what holds once it is there.
    public struct Step: Codable, Sendable, Equatable {
        public var segment: ULID
        public var text: String?
        public var edit: ULID?
        /// The key of its object.
        public var object: String

        public init(segment: ULID, text: String?, edit: ULID?, object: String) {
            self.segment = segment
            self.text = text
            self.edit = edit
            self.object = object
        }
    }

    /// What only the source's reader understands; nil for a source that begins anew.
    public var text: String?
    /// The segment that brought it.
    public var segment: ULID?
    /// The last edit that its reader has followed.
    public var edit: ULID?
    public var changedAt: Date
    /// Whoever wrote it may have died before its object was there.
    public var next: Step?

    public init(
        text: String? = nil, segment: ULID? = nil, edit: ULID? = nil, changedAt: Date = Date(),
        next: Step? = nil
    ) {
        self.text = text
        self.segment = segment
        self.edit = edit
        self.changedAt = changedAt
        self.next = next
    }

    /// With its step taken.
    public var stepped: SourceState {
        guard let next else { return self }
        return SourceState(text: next.text, segment: next.segment, edit: next.edit)
    }
}

/// What a person wants to be the state of a source; its reader follows it before the next read.
public struct StateEdit: Codable, Sendable, Equatable {
    public var id: ULID
    /// Nil for a source that is to begin anew.
    public var text: String?
    /// What was there before, for the one who wants it back.
    public var before: String?
    public var who: String
    /// `set`, `reset`, `import` or `undo`.
    public var verb: String
    /// The edit that it takes back.
    public var undoes: ULID?

    public init(
        id: ULID = ULID(), text: String?, before: String?, who: String, verb: String,
        undoes: ULID? = nil
    ) {
        self.id = id
        self.text = text
        self.before = before
        self.who = who
        self.verb = verb
        self.undoes = undoes
    }
}
