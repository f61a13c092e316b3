import Events
import Pipelines

/// Tells records that are new from those that a source gives again.
///
/// With a cursor, what is older than the last poll's newest record (less the lag) was there before;
/// of what is as new, and of records without a cursor, those were there whose bytes are the same.
struct Novelty {
    private var start: PollState
    private let cursor: HTTPCursor?
    private let sameBy: [[String]]
    private let floor: CursorValue?
    private var newest: CursorValue?
    private var known: [String: [PollState.Sighting]]
    private var fresh: [PollState.Sighting]
    private(set) var repeated = 0
    private(set) var skipped = 0

    /// - Parameter sameBy: Where equal values make records the same; empty for the whole record.
    init(_ state: PollState, sameBy: [[String]] = []) {
        self.sameBy = sameBy
        let cursor = state.cursor
        self.cursor = cursor
        start = state
        let lag = cursor?.lagMilliseconds ?? 0
        func value(_ text: String?) -> CursorValue? {
            guard let cursor, let text else { return nil }
            return CursorValue(text, cursor.type)
        }
        floor = value(state.floor)?.earlier(byMilliseconds: lag)
        newest = value(state.newest)
        known = Dictionary(grouping: state.known, by: \.digest)
        fresh = state.fresh
    }

    /// What is remembered after the records that were judged.
    func update(_ state: inout PollState) {
        state.newest = newest?.text
        state.known = known.values.flatMap(\.self).sorted { $0.digest < $1.digest }
        state.fresh = Array(state.inReach(fresh).suffix(PollState.limit))
    }

    /// True for a record that has not been taken.
    ///
    /// - Throws: `PollFailure` when it has no cursor and may not be without.
    mutating func isNew(_ record: UnsafeRawBufferPointer) throws -> Bool {
        var value: CursorValue?
        if let cursor {
            value = JSONLookup.text(at: cursor.field, in: record)
                .flatMap { CursorValue($0, cursor.type) }
            if value == nil, try isSkippedWithoutValue(cursor) {
                skipped += 1
                return false
            }
        }
        if let value, let floor, value < floor {
            repeated += 1
            return false
        }
        return note(record, value)
    }

    private func isSkippedWithoutValue(_ cursor: HTTPCursor) throws -> Bool {
        switch cursor.nulls {
        case .take: return false
        case .skip: return true
        case .fail:
            let field = cursor.field.joined(separator: ".")
            throw PollFailure(
                .permanent, "http.no_cursor",
                "a record has no \(cursor.type.rawValue) in its cursor `\(field)`")
        }
    }

    private mutating func note(_ record: UnsafeRawBufferPointer, _ value: CursorValue?) -> Bool {
        let digest = digest(of: record)
        fresh.append(PollState.Sighting(digest: digest, value: value?.text))
        if let value { newest = max(newest ?? value, value) }
        if fresh.count >= 2 * PollState.limit { prune() }
        guard var same = known[digest] else { return true }
        same.removeLast()
        known[digest] = same.isEmpty ? nil : same
        repeated += 1
        return false
    }

    private func digest(of record: UnsafeRawBufferPointer) -> String {
        var hash = SHA256()
        if sameBy.isEmpty {
            hash.update(record)
        } else {
            for path in sameBy {
                let value = JSONLookup.text(at: path, in: record)
                // No two lists of values have the same text.
                let text = value.map { "\($0.utf8.count):\($0)" } ?? "-"
                Array(text.utf8).withUnsafeBytes { hash.update($0) }
            }
        }
        return String(hash.finish().prefix(32))
    }

    private mutating func prune() {
        start.newest = newest?.text
        fresh = Array(start.inReach(fresh).suffix(PollState.limit))
    }
}
