import Events
import Lake
import Spool

/// Takes along, with a segment, how far its source has been read: the state in the lake says so
/// when the object is there, and no sooner.
struct StateLanding: Sendable {
    let states: SourceStates
    let spool: Spool

    /// The segments of the same source that have to be in the lake before one, oldest first.
    func predecessors(of note: SegmentNote) async throws -> [ULID] {
        var found: [ULID] = []
        var next = note.before
        while let segment = next, try await spool.segment(segment) != nil {
            found.append(segment)
            next = try await spool.note(with: segment)?.before
        }
        return found.reversed()
    }

    /// Says that a segment is about to land.
    ///
    /// - Returns: False for one whose records another host has read again: its state goes on from
    ///   elsewhere.
    func begin(_ note: SegmentNote, of segment: ULID, at key: String) async throws -> Bool {
        var state = try await states.current(note.source) ?? SourceState()
        guard state.segment != segment else { return true }
        if let last = state.segment, last != note.before { return false }
        state.next = SourceState.Step(
            segment: segment, text: note.text, edit: note.edit, object: key)
        try await states.write(state, of: note.source)
        return true
    }

    /// Says that it has landed.
    func end(_ note: SegmentNote, of segment: ULID) async throws {
        guard let state = try await states.read(note.source), state.next?.segment == segment else {
            return
        }
        try await states.write(state.stepped, of: note.source)
    }
}

/// Lets those who land segments of one source do so one after the other.
actor Turns {
    private var lines: [String: [CheckedContinuation<Void, Never>]] = [:]

    /// Runs `body` when all who came before for that name have finished.
    func take<Value: Sendable>(
        _ name: String, _ body: @Sendable () async throws -> Value
    ) async throws -> Value {
        await enter(name)
        defer { leave(name) }
        return try await body()
    }

    private func enter(_ name: String) async {
        guard lines[name] != nil else {
            lines[name] = []
            return
        }
        await withCheckedContinuation { lines[name]?.append($0) }
    }

    private func leave(_ name: String) {
        if let line = lines[name], let first = line.first {
            lines[name] = Array(line.dropFirst())
            first.resume()
        } else {
            lines[name] = nil
        }
    }
}
