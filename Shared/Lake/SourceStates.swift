import Events
import Foundation

/// The states of sources in the lake: where whoever reads a source next goes on.
///
/// A name is `<pipeline>.<dataset>`.
public struct SourceStates: Sendable {
    private static let limitBytes = 64 << 20
    private let lake: any ObjectStore

    public init(lake: any ObjectStore) {
        self.lake = lake
    }

    /// What is written of a source; nil for nothing.
    public func read(_ name: String) async throws -> SourceState? {
        try await get(LakeKeys.state(name))
    }

    public func write(_ state: SourceState, of name: String) async throws {
        try await lake.put(EventJSON.encode(state), at: LakeKeys.state(name))
    }

    /// What holds: of a step that somebody died over it is looked whether its object is there.
    public func current(_ name: String) async throws -> SourceState? {
        guard let state = try await read(name) else { return nil }
        guard let next = state.next else { return state }
        if try await isThere(next.object) { return state.stepped }
        var before = state
        before.next = nil
        return before
    }

    // MARK: Edits

    /// The last edit of a source.
    public func edit(of name: String) async throws -> StateEdit? {
        try await get(LakeKeys.stateEdit(name))
    }

    /// The sources with an edit, and when each was made.
    public func edits() async throws -> [String: ObjectInfo] {
        var found: [String: ObjectInfo] = [:]
        var marker: String?
        while true {
            let page = try await lake.list(
                prefix: LakeKeys.stateEdits, after: marker, limit: 1_000)
            for info in page { found[LakeKeys.edited(info.key)] = info }
            guard page.count == 1_000, let last = page.last else { return found }
            marker = last.key
        }
    }

    /// Logs an edit, and then makes it the one to follow.
    public func edit(_ edit: StateEdit, of name: String) async throws {
        let bytes = try EventJSON.encode(edit)
        try await lake.put(bytes, at: LakeKeys.stateLog(name, edit.id))
        try await lake.put(bytes, at: LakeKeys.stateEdit(name))
    }

    /// All edits of a source, oldest first; the last thousand.
    public func log(of name: String) async throws -> [StateEdit] {
        var keys: [String] = []
        var marker: String?
        while true {
            let page = try await lake.list(
                prefix: LakeKeys.stateLog(name), after: marker, limit: 1_000)
            keys = Array((keys + page.map(\.key)).suffix(1_000))
            guard page.count == 1_000, let last = page.last else { break }
            marker = last.key
        }
        var edits: [StateEdit] = []
        for key in keys {
            if let edit: StateEdit = try await get(key) { edits.append(edit) }
        }
        return edits
    }

    // MARK: The lake

    private func get<Value: Decodable>(_ key: String) async throws -> Value? {
        do {
            let bytes = try await lake.get(key, limitBytes: Self.limitBytes)
            return try EventJSON.decode(Value.self, from: bytes)
        } catch let error as LakeError where error.kind == .notFound {
            return nil
        }
    }

    /// True for an object that has landed, wherever it went from there.
    private func isThere(_ key: String) async throws -> Bool {
        // It moves on while it is looked for: the last look is where the first was.
        if try await lake.info(key) != nil { return true }
        let parts = key.split(separator: "/")
        guard parts.count == 5, let name = parts.last else { return false }
        for zone in [Zone.working, .quarantine] {
            let prefix = "\(zone)/\(parts[1])/\(parts[2])/"
            var marker: String?
            while true {
                let page = try await lake.list(prefix: prefix, after: marker, limit: 1_000)
                if page.contains(where: { $0.key.hasSuffix("/\(name)") }) { return true }
                guard page.count == 1_000, let last = page.last else { break }
                marker = last.key
            }
        }
        return try await lake.info(key) != nil
    }
}

extension LakeKeys {
    /// `states/<pipeline>/<dataset>.json`: how far a source has been read.
    public static func state(_ name: String) -> String { "states/\(path(name)).json" }

    static let stateEdits = "state-edits/"

    static func stateEdit(_ name: String) -> String { "\(stateEdits)\(path(name)).json" }

    /// The source of an edit.
    static func edited(_ key: String) -> String {
        String(key.dropFirst(stateEdits.count).dropLast(5)).replacing("/", with: ".")
    }

    static func stateLog(_ name: String) -> String { "state-log/\(path(name))/" }

    static func stateLog(_ name: String, _ id: ULID) -> String { "\(stateLog(name))\(id).json" }

    private static func path(_ name: String) -> String { name.replacing(".", with: "/") }
}
