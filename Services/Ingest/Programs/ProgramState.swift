import Events
import Foundation
import Pipelines
import Spool

/// What is known of a source that runs a program: kept in the spool with each segment.
struct ProgramState: Codable, Equatable {
    /// When the last run began that succeeded, or when the source was first seen.
    var last: Date?
    /// Of the last extract of each table that is replaced, by dataset.
    var digests: [String: String] = [:]
    /// The last state of a Singer tap, as it was written.
    var bookmark: String?

    /// - Parameter text: What was kept; nil for nothing.
    init(_ text: String?) throws {
        guard let text else { return }
        self = try EventJSON.decode(Self.self, from: Data(text.utf8))
    }

    var text: String {
        get throws { String(decoding: try EventJSON.encode(self), as: UTF8.self) }
    }

    /// When the next run is due; nil for never.
    ///
    /// A period's first run is due at once; a schedule's is not due for a time before it was seen.
    mutating func due(_ when: Trigger.When, now: Date) -> Date? {
        if let last { return Trigger(when).next(after: last) }
        if case .every = when { return now }
        last = now
        return Trigger(when).next(after: now)
    }

    /// Whether there is something in a segment; a table that is replaced needs no extract that is
    /// as the last.
    mutating func isNew(
        _ segment: GrowingSegment, of item: AppliedDataset, in spool: Spool
    ) async throws -> Bool {
        guard segment.bytes > 0 else { return false }
        guard item.isReplaced else { return true }
        let digest = try await spool.sha256(of: segment)
        return digests.updateValue(digest, forKey: item.dataset.name) != digest
    }
}

extension AppliedDataset {
    /// A table that is replaced is replaced by a whole extract or by none.
    var isReplaced: Bool { dataset.load.mode == .replace }
}
